//! The realtime framework for Rust: WebSocket endpoints as typed handlers.
//!
//! ```no_run
//! use sockeye::{Context, Handler, Json, OnError, Options, Result, Router, endpoint, serve};
//!
//! #[derive(serde::Deserialize)]
//! #[serde(tag = "action", content = "payload", rename_all = "snake_case")]
//! enum FromClient { Ping, Say { text: String } }
//!
//! #[derive(serde::Serialize)]
//! #[serde(tag = "action", content = "payload", rename_all = "snake_case")]
//! enum ToClient { Pong, Said { text: String } }
//!
//! struct ChatRoom;
//!
//! impl Handler for ChatRoom {
//!     type Incoming = Json<FromClient>;
//!     type Outgoing = Json<ToClient>;
//!
//!     async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
//!         cx.join(("room", cx.param("room")?)).await
//!     }
//!
//!     async fn on_message(&mut self, cx: &mut Context<Self>, Json(message): Json<FromClient>) -> Result<()> {
//!         match message {
//!             FromClient::Ping => cx.reply(Json(ToClient::Pong)),
//!             FromClient::Say { text } => cx.broadcast(Json(ToClient::Said { text })),
//!         }
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<()> {
//!     let mut options = Options::default();
//!     options.on_error = OnError::Reply;
//!     let chat = endpoint(|| ChatRoom).options(options);
//!     serve("127.0.0.1:3000", Router::new().route("/chat/{room:slug}", chat)).await
//! }
//! ```
//!
//! Where to look: [`Handler`] and [`Context`] for handlers that are types, [`WebSocket`] for those that are functions,
//! [`Peer`] for what both know of their client; [`Router`] for routes, [`IntoEndpoint`] for what an endpoint can be told,
//! [`Hub`] and [`Group`] for publishing, [`Options`], [`ServerOptions`] and [`HubOptions`] for every limit; [`serve`],
//! [`Server`] and [`App`] to run it, the last one inside axum 0.8.
//!
//! Extractors are axum's (`axum::extract::{Query, State}`, headers, `Extension`), but for path parameters, which are
//! [`sockeye::Path`](Path); [`Query`] and [`State`] here are what a handshake knows, not extractors. Events are logged
//! through `tracing`; without a subscriber they are lost, and with them the ids of errors that peers are shown.

mod auth;
mod broker;
mod config;
mod connection;
mod engine;
mod error;
mod group;
mod handler;
mod handshake;
mod id;
mod message;
mod routing;
mod server;
mod socket;
#[cfg(feature = "testing")]
pub mod testing;

pub use auth::{
    Access, AllowAny, Authenticator, BasicAuthenticator, Identity, IntoIdentity, IsAuthenticated,
    Loaded, Loader, NoObject, NoUser, Permission, Recognized, Rule, Tickets, TokenAuthenticator,
    User, api_key_cookie, api_key_header, api_key_query, basic, bearer, bearer_subprotocol, rule,
    token,
};
#[cfg(feature = "sessions")]
pub use auth::{SessionAuthenticator, session};
#[cfg(feature = "jwt")]
pub use auth::{Verified, jwt};
pub use broker::{Broker, BrokerFuture, Events, MemoryBroker, Publication};
pub use config::{
    Case, Drain, Heartbeat, HubOptions, OnError, Options, Overflow, Rate, Refusal, ServerOptions,
    Settings, SettingsError, Wire,
};
pub use connection::{Cause, Disconnect};
pub use error::{Error, ErrorKind, Result};
pub use group::{Event, Gap, Group, GroupName, Hub, IntoGroupName, Stats, UserConnections};
pub use handler::{
    Answer, Broadcast, BroadcastToOthers, Context, DefaultHandler, Described, Endpoint, Exchange,
    FunctionHandler, Handler, HandshakeHook, IntoEndpoint, Made, MakeHandler, Methods, Outcome,
    Path, SentBy, endpoint, endpoint_with,
};
pub use handshake::{
    Cookies, Handshake, Headers, OriginPolicy, ParamError, Params, Query, QueryError, Rejection,
    State, SubprotocolError, Url,
};
pub use id::{ConnectionId, NodeId};
pub use message::{
    DecodeError, EncodeError, Envelope, Fault, FaultKind, Faults, Form, Format, Incoming, Json,
    Marked, Message, MessageKind, Outgoing, Payload, Place, RawMessage, ReadMessage, WriteMessage,
};
pub use routing::{
    Catalog, Conflict, IntoPattern, Match, NestError, Pattern, PatternError, Route, RouteBox,
    RouteMention, Router, SegmentKind, Tree, Unmatched, UrlError,
};
#[cfg(feature = "tls")]
pub use server::tls_config;
pub use server::{App, Server, ServerHandle, serve};
pub use socket::{Peer, Sender, WebSocket};
#[cfg(feature = "macros")]
pub use sockeye_macros::{Message, handler, methods, on};
pub use sockeye_protocol::{CloseCode, DeflateConfig};

/// What derived code calls; no part of what is promised.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "garde")]
    pub use crate::message::typed::validate;
    pub use crate::message::typed::{Extra, add, decode, encode, no_action, read_nothing};

    pub mod actions {
        pub use crate::handler::actions::{alike, count, join, unique};
    }

    pub use serde;
}
