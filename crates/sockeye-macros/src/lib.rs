//! The macros of Sockeye. Use them through the crate `sockeye`, which documents them and holds what they expand to.

#![forbid(unsafe_code)]

mod docs;
mod handler;
mod message;

use proc_macro::TokenStream;

use crate::handler::Kind;

/// Makes an enum, or a struct with a single action, a typed message: an object with an `action` and a `payload`.
///
/// ```
/// use sockeye::{Incoming, Message, Outgoing, Payload};
///
/// #[derive(Debug, PartialEq, Message)]
/// enum FromClient {
///     Ping,
///     Say { text: String },
///     Rate(u8),
/// }
///
/// let said = FromClient::decode(Payload::Text(r#"{"action":"say","payload":{"text":"hi"}}"#))?;
/// assert_eq!(said, FromClient::Say { text: "hi".into() });
///
/// let mut text = Vec::new();
/// FromClient::Rate(5).encode(&mut text)?;
/// assert_eq!(text, br#"{"action":"rate","payload":5}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The name of a variant or a struct is its action, in `snake_case`. The fields are the payload: named ones an object, one
/// without a name its own form, several a list, none no payload at all. Types of fields derive serde's traits; the message
/// itself needs none of them, and it is both read ([`Incoming`](../sockeye/trait.Incoming.html)) and written
/// ([`Outgoing`](../sockeye/trait.Outgoing.html)).
///
/// # Reading
/// Keys come in any order. When the action is first, one pass reads the message into its variant; else the text is passed
/// over once to find the action. Keys that are not known are passed over, `ref` is what the client calls the message, a text
/// of at most 128 bytes or null. A message that is not this type is a list of faults, each with its kind, the way to the
/// field, and a text.
///
/// # Settings
/// Above the type:
///
/// | `#[message(..)]` | |
/// |---|---|
/// | `action = ".."` | the action, of a struct |
/// | `rename_all = ".."` | the case of actions, of an enum; `snake_case` unless it says otherwise |
/// | `rename_all_fields = ".."` | the case of fields, in place of that of the endpoint |
/// | `action_key = ".."`, `payload_key = ".."` | the keys, in place of those of the endpoint |
/// | `marked` | a broadcast tells each member by `is_mine` and `is_current` whether it is the sender |
/// | `incoming`, `outgoing` | in one direction only, so that the types of fields need half of serde |
/// | `schema` | the type describes itself, as `schemars::JsonSchema` does (feature `schema`) |
/// | `crate = ".."` | where `sockeye` is |
///
/// Above a variant: `#[message(action = "..")]`.
///
/// serde's attributes keep their meaning: `rename`, `alias`, `rename_all` and `skip` on variants, everything on fields,
/// `rename_all`, `rename_all_fields`, `deny_unknown_fields`, `default` and `expecting` on types.
///
/// ```
/// use sockeye::{Message, Outgoing};
///
/// #[derive(Message)]
/// #[message(rename_all_fields = "camelCase", marked)]
/// #[serde(deny_unknown_fields)]
/// enum ToClient {
///     #[message(action = "user.joined")]
///     Joined {
///         user_name: String,
///         #[serde(skip_serializing_if = "Option::is_none")]
///         away_since: Option<u64>,
///     },
/// }
///
/// let mut text = Vec::new();
/// ToClient::Joined { user_name: "Ann".into(), away_since: None }.encode(&mut text)?;
/// assert_eq!(text, br#"{"action":"user.joined","payload":{"userName":"Ann"}}"#);
/// # Ok::<(), sockeye::EncodeError>(())
/// ```
///
/// # Rules
/// With the feature `garde`, and `garde` among the crate's own dependencies, a message with rules is checked after it was
/// read; everything that breaks one is told at once.
///
/// ```
/// use sockeye::{DecodeError, Incoming, Message, Payload};
///
/// #[derive(Debug, Message, garde::Validate)]
/// struct Say {
///     #[garde(length(min = 1, max = 500))]
///     text: String,
/// }
///
/// let refused = Say::decode(Payload::Text(r#"{"action":"say","payload":{"text":""}}"#));
/// let Err(DecodeError::Invalid(faults)) = refused else { panic!("{refused:?}") };
/// assert_eq!(faults.to_string(), "payload.text: length is lower than 1");
/// ```
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
