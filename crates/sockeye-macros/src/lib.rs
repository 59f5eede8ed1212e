//! The macros of Sockeye. Use them through the crate `sockeye`, which documents them and holds what they expand to.

#![forbid(unsafe_code)]

mod handler;
mod message;

use proc_macro::TokenStream;

use crate::handler::Kind;

/// Makes an enum, or a struct with a single action, a typed message.
#[proc_macro_derive(Message, attributes(message, serde, schemars, garde))]
pub fn derive_message(item: TokenStream) -> TokenStream {
    message::derive(item.into()).into()
}

/// Makes an `impl` block of a type its handler: one method for each message, marked with [`#[on]`](macro@on).
///
/// ```
/// use sockeye::{Broadcast, Context, Error, Message, Result, endpoint, handler};
///
/// #[derive(Message)]
/// struct Say { text: String }
///
/// #[derive(Message)]
/// struct Rename { name: String }
///
/// #[derive(Message)]
/// struct Said { name: String, text: String }
///
/// #[derive(Message)]
/// struct Joined { name: String }
///
/// struct Room { name: String }
///
/// #[handler(sends(Joined))]
/// impl Room {
///     async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
///         cx.join(("room", cx.param("room")?)).await?;
///         cx.broadcast(Joined { name: self.name.clone() })
///     }
///
///     #[on]
///     async fn say(&mut self, message: Say) -> Broadcast<Said> {
///         Broadcast(Said { name: self.name.clone(), text: message.text })
///     }
///
///     #[on]
///     async fn rename(&mut self, message: Rename) -> Result<()> {
///         if message.name.is_empty() {
///             return Err(Error::refused(422, "a name has at least one character"));
///         }
///         self.name = message.name;
///         Ok(())
///     }
/// }
/// # let _ = sockeye::Router::<()>::new().route("/rooms/{room}", endpoint(|| Room { name: "ada".to_owned() }));
/// ```
///
/// A method takes `&self` or `&mut self`, the connection if it needs it (`cx: &mut Context<Self>` or `&Context<Self>`),
/// and its message, by value and last. What it gives is an `Answer`: nothing, a reply, a broadcast, both, or an error.
/// Hooks in the same block (`on_handshake`, `groups`, `on_connect`, `on_gap`, `on_event`, `on_disconnect`) are those of
/// the handler; all else in it stays as it is.
///
/// Two enums are made beside the type: `RoomIncoming` of all messages it takes, and `RoomOutgoing` of all it sends, with
/// `From` for each. An action that two messages have does not compile.
///
/// # Arguments
/// - `sends(Message, ..)`: messages that are sent by the connection, and are no answer of a method;
/// - `include(field: Type, ..)`: fields whose types bring [methods](macro@methods) along;
/// - `user = Type` and `object = Type`: whom and what the permissions of the methods are about.
#[proc_macro_attribute]
pub fn handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handler::expand(Kind::Handler, arguments.into(), &item.into()).into()
}

/// Makes the methods of an `impl` block a group that [handlers](macro@handler) of any type include by a field.
///
/// ```
/// use sockeye::{BroadcastToOthers, Message, Peer, handler, methods};
///
/// #[derive(Message)]
/// struct Typing { on: bool }
///
/// #[derive(Message)]
/// struct IsTyping { who: String, on: bool }
///
/// #[derive(Default)]
/// struct Indicator { changes: u32 }
///
/// #[methods]
/// impl Indicator {
///     #[on]
///     fn typing(&mut self, peer: &Peer, message: Typing) -> BroadcastToOthers<IsTyping> {
///         self.changes += 1;
///         BroadcastToOthers(IsTyping { who: peer.id().to_string(), on: message.on })
///     }
/// }
///
/// struct Room { indicator: Indicator }
///
/// #[handler(include(indicator: Indicator))]
/// impl Room {}
/// ```
///
/// A method takes the connection as `peer: &Peer`, if it needs it. The arguments are those of `#[handler]`; a group may
/// include others. It has no hooks: a method that the handler calls in its own does the same.
#[proc_macro_attribute]
pub fn methods(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handler::expand(Kind::Methods, arguments.into(), &item.into()).into()
}

/// Marks a method that takes a message, in a block with [`#[handler]`](macro@handler) or [`#[methods]`](macro@methods);
/// it need not be imported. `#[on(permit = permission)]` asks for a permission each time, before the method is called.
#[proc_macro_attribute]
pub fn on(_: TokenStream, item: TokenStream) -> TokenStream {
    handler::stray(&item.into()).into()
}
