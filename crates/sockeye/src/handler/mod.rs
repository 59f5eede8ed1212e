//! Handler: what an application does with its connections.

pub(crate) mod actions;
mod answer;
mod context;
mod default;
mod endpoint;
mod entrance;
mod failure;
mod function;
mod gate;
mod hook;
mod isolation;
#[cfg(all(test, target_pointer_width = "64"))]
mod layout;
mod logged;
mod make;
mod methods;
mod notice;
mod path;
mod reading;
mod recheck;
mod reference;
mod refusal;
mod reuse;
mod running;
mod sent;
mod slot;

pub use answer::{Answer, Broadcast, BroadcastToOthers};
pub use context::Context;
pub use default::DefaultHandler;
pub(crate) use endpoint::{Admission, Start};
pub use endpoint::{Endpoint, IntoEndpoint};
pub use function::{FunctionHandler, Outcome};
pub use hook::HandshakeHook;
pub(crate) use logged::Logged;
pub use make::{Made, MakeHandler, endpoint, endpoint_with};
pub use methods::{Described, Exchange, Methods};
pub use path::Path;
pub(crate) use refusal::{Refused, authentication_frame};
pub use sent::SentBy;

use std::future::Future;

use crate::connection::Disconnect;
use crate::error::Result;
use crate::group::{Event, Gap, GroupName};
use crate::handshake::{Handshake, Rejection};
use crate::message::{Incoming, Outgoing};

/// One connection's handler: made for it, told of each message in order, and of its end exactly once.
///
/// Every hook has a default that does nothing. They run in this order:
///
/// 1. [`on_handshake`](Self::on_handshake), while HTTP can still answer; after the hooks of the
///    [endpoint](crate::Endpoint);
/// 2. [`groups`](Self::groups), which are joined, then [`on_connect`](Self::on_connect);
/// 3. [`on_message`](Self::on_message) for each message, one after the other;
/// 4. [`on_gap`](Self::on_gap) between messages, when some were lost on their way to the client;
/// 5. [`on_event`](Self::on_event) between messages, for what others tell its groups' handlers;
/// 6. [`on_disconnect`](Self::on_disconnect), after which the tasks of the connection are ended and what was put off
///    by [`after`](crate::Peer::after) is done.
///
/// The hooks of one connection never run at the same time, those of different connections do; while one waits, its
/// connection is not read from. A hook that fails or panics touches no other connection. Hooks run on the task that
/// drives many connections: they may await, but must not block.
///
/// Register it with [`endpoint`], or with [`endpoint_with`] when it needs something of the request or the application.
///
/// ```
/// use sockeye::{Context, Handler, Result};
///
/// struct Room;
///
/// impl Handler for Room {
///     type Incoming = String;
///     type Outgoing = String;
///
///     async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
///         cx.join(("room", cx.param("room")?)).await
///     }
///
///     async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
///         cx.broadcast(text)
///     }
/// }
/// # let _ = sockeye::Router::<()>::new().route("/rooms/{room}", sockeye::endpoint(|| Room));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "`Handler` is not implemented for this",
    note = "write `impl Handler for {Self}` with `type Incoming`, `type Outgoing` and `async fn on_message`; \
            `endpoint` takes a closure that makes one: `endpoint(|| {Self})`"
)]
pub trait Handler: Sized + Send + 'static {
    /// What the peer sends: a [message](crate::Message), or `String`, `Bytes`, `RawMessage` (any), `Json<T>`. Anything else
    /// is answered by an error frame where messages are expected, and otherwise closes 1003.
    type Incoming: Incoming;

    /// What [`Context::reply`] and [`Context::broadcast`] send: a [message](crate::Message), or `String`, `Bytes`,
    /// `RawMessage`, `Json<T>`.
    type Outgoing: Outgoing;

    /// Looks at the request before the upgrade and may refuse it with any HTTP response, choose a subprotocol, add
    /// response headers, and leave what it loaded in the handler itself or in `handshake.state_mut()`.
    ///
    /// ```
    /// # use sockeye::{Handler, Handshake, Rejection};
    /// struct Thing { id: u64 }
    ///
    /// impl Handler for Thing {
    ///     type Incoming = String;
    ///     type Outgoing = String;
    ///
    ///     async fn on_handshake(&mut self, handshake: &mut Handshake) -> Result<(), Rejection> {
    ///         self.id = handshake.params().get("id")?;
    ///         match self.id {
    ///             7 => Ok(()),
    ///             id => Err(Rejection::not_found(format!("there is no thing {id}"))),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// The answer that the client gets instead of the upgrade; a panic, or taking longer than the handshake timeout,
    /// is 500. The handler is then dropped, and no other hook runs.
    ///
    /// # Cancel safety
    /// Dropped at an await point when the client leaves or the handshake timeout passes.
    fn on_handshake(
        &mut self,
        handshake: &mut Handshake,
    ) -> impl Future<Output = Result<(), Rejection>> + Send {
        let _ = handshake;
        async { Ok(()) }
    }

    /// Names the groups of the connection, joined before [`on_connect`](Self::on_connect). What has to be awaited to
    /// know them is joined there, by [`join`](crate::Peer::join).
    ///
    /// # Errors
    /// As those of `on_connect`; neither it nor `on_disconnect` runs then.
    fn groups(&self, cx: &Context<Self>) -> Result<Vec<GroupName>> {
        let _ = cx;
        Ok(Vec::new())
    }

    /// Runs after the upgrade, once the subscriptions of its groups are live, and before the first message; what the
    /// client sends meanwhile waits, and is thrown away when this fails.
    ///
    /// # Errors
    /// [`Error::refused`](crate::Error::refused) closes the connection with 4000 + its status and its text, any other
    /// with 1011.
    ///
    /// # Cancel safety
    /// Dropped at an await point when it runs longer than the hook timeout, or the server stops at once.
    fn on_connect(&mut self, cx: &mut Context<Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = cx;
        async { Ok(()) }
    }

    /// Handles one message. Without it messages are thrown away, as fits handlers that only send.
    ///
    /// # Errors
    /// What [`Options::on_error`](crate::Options::on_error) says: close, as those of `on_connect` do, or answer with an
    /// error frame and go on.
    ///
    /// # Cancel safety
    /// Dropped at an await point when it runs longer than the hook timeout, or the server stops at once.
    fn on_message(
        &mut self,
        cx: &mut Context<Self>,
        message: Self::Incoming,
    ) -> impl Future<Output = Result<()>> + Send {
        let _ = (cx, message);
        async { Ok(()) }
    }

    /// Hears that this client did not get messages of a group: because it reads too slowly and the group's
    /// [`Overflow`](crate::Overflow) is to drop or replace, or because the broker between the nodes was away. The moment
    /// to send it a snapshot, or to tell it. What was lost while another hook ran, or while the client took nothing at all,
    /// is told in one, for each group; a connection that ends first is told nothing. A few messages that came after the gap
    /// may be on their way to the client already.
    ///
    /// Without it the client of a handler with [typed messages](crate::Message) is told:
    /// `{"action":"gap","payload":{"group":"room:1","messages":3}}`, `null` where nobody can know how many. Others are not,
    /// as they have no form for it.
    ///
    /// # Errors
    /// As those of `on_message`.
    ///
    /// # Cancel safety
    /// As that of `on_message`.
    fn on_gap(
        &mut self,
        cx: &mut Context<Self>,
        gap: Gap,
    ) -> impl Future<Output = Result<()>> + Send {
        notice::gap(cx, gap);
        async { Ok(()) }
    }

    /// Hears what somebody [notified](crate::Group::notify) a group of that this connection is in: an event for its
    /// handler, which decides what its client learns. Without it the event is sent on to the client as it is. Runs
    /// between messages, in the order of the events of a publisher; of more than
    /// [`Options::events`](crate::Options::events) that wait the newest are lost, which [`on_gap`](Self::on_gap) hears.
    ///
    /// # Errors
    /// As those of `on_message`.
    ///
    /// # Cancel safety
    /// As that of `on_message`.
    fn on_event(
        &mut self,
        cx: &mut Context<Self>,
        event: Event,
    ) -> impl Future<Output = Result<()>> + Send {
        let passed_on = cx.try_send(event);
        async { passed_on }
    }

    /// Runs exactly once for every connection whose `on_connect` began, and says why it ended: after the last other
    /// hook, after it left its groups, also when a hook panicked. Nothing can be sent any more. Errors have nowhere to
    /// go, so there are none; a panic is logged.
    ///
    /// Not after a crash of the process: nobody is left to run it.
    ///
    /// # Cancel safety
    /// Dropped at an await point when it runs longer than the disconnect timeout.
    fn on_disconnect(
        &mut self,
        cx: &mut Context<Self>,
        disconnect: Disconnect,
    ) -> impl Future<Output = ()> + Send {
        let _ = (cx, disconnect);
        async {}
    }
}
