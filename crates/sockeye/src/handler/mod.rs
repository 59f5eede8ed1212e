//! Handler: what an application does with its connections.

mod context;
mod default;
mod endpoint;
mod function;
mod hook;
mod isolation;
mod make;
mod path;
mod refusal;
mod running;

pub use context::Context;
pub use default::DefaultHandler;
pub(crate) use endpoint::{Admission, Start};
pub use endpoint::{Endpoint, IntoEndpoint};
pub use function::{FunctionHandler, Outcome};
pub use hook::HandshakeHook;
pub use make::{Made, MakeHandler, endpoint, endpoint_with};
pub use path::Path;
pub(crate) use refusal::{Refused, authentication_frame};

use std::future::Future;

use crate::connection::Disconnect;
use crate::error::Result;
use crate::group::GroupName;
use crate::handshake::{Handshake, Rejection};
use crate::message::{Incoming, Outgoing};

/// One connection's handler: made for it, told of each message in order, and of its end exactly once.
///
/// Every hook has a default that does nothing. The hooks of one connection never run at the same time, those of different
/// connections do; while one waits, its connection is not read from. A hook that fails or panics touches no other
/// connection. Register it with [`endpoint`].
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
    /// What the peer sends: `String`, `Bytes`, `Message` (any), or `Json<T>`. Another kind or shape closes 1003.
    type Incoming: Incoming;

    /// What [`Context::reply`] and [`Context::broadcast`] send: `String`, `Bytes`, `Message`, or `Json<T>`.
    type Outgoing: Outgoing;

    /// Looks at the request before the upgrade and may refuse it with any HTTP response, choose a subprotocol, add
    /// response headers, and leave what it loaded in `handshake.state_mut()`.
    ///
    /// # Errors
    /// The answer that the client gets instead of the upgrade.
    fn on_handshake(
        &mut self,
        handshake: &mut Handshake,
    ) -> impl Future<Output = Result<(), Rejection>> + Send {
        let _ = handshake;
        async { Ok(()) }
    }

    /// Names the groups of the connection, joined before [`on_connect`](Self::on_connect).
    ///
    /// # Errors
    /// Closes the connection with 1011.
    fn groups(&self, cx: &Context<Self>) -> Result<Vec<GroupName>> {
        let _ = cx;
        Ok(Vec::new())
    }

    /// Runs after the upgrade and before the first message; what the client sends meanwhile waits.
    ///
    /// # Errors
    /// Closes the connection with 1011.
    fn on_connect(&mut self, cx: &mut Context<Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = cx;
        async { Ok(()) }
    }

    /// Handles one message. Without it messages are thrown away, as fits handlers that only send.
    ///
    /// # Errors
    /// What [`Options::on_error`](crate::Options::on_error) says: close with 1011, or answer with an error frame.
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

    /// Runs exactly once for every connection whose `on_connect` began: after the last other hook, after it left its
    /// groups, also when a hook panicked. Nothing can be sent any more. Errors have nowhere to go, so there are none.
    ///
    /// Not after a crash of the process: nobody is left to run it.
    fn on_disconnect(
        &mut self,
        cx: &mut Context<Self>,
        disconnect: Disconnect,
    ) -> impl Future<Output = ()> + Send {
        let _ = (cx, disconnect);
        async {}
    }
}
