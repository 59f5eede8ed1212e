//! The realtime framework for Rust: WebSocket endpoints as typed handlers.
//!
//! ```no_run
//! use sockeye::{Context, Handler, Message, Result, Router, endpoint, serve};
//!
//! #[derive(Message)]
//! enum FromClient { Ping, Say { text: String } }             // {"action":"say","payload":{"text":"hi"}}
//!
//! #[derive(Message)]
//! enum ToClient { Pong, Said { text: String } }
//!
//! struct ChatRoom;
//!
//! impl Handler for ChatRoom {
//!     type Incoming = FromClient;
//!     type Outgoing = ToClient;
//!
//!     async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
//!         cx.join(("room", cx.param("room")?)).await
//!     }
//!
//!     async fn on_message(&mut self, cx: &mut Context<Self>, message: FromClient) -> Result<()> {
//!         match message {
//!             FromClient::Ping => cx.reply(ToClient::Pong),
//!             FromClient::Say { text } => cx.broadcast(ToClient::Said { text }),
//!         }
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<()> {
//!     serve("127.0.0.1:3000", Router::new().route("/chat/{room:slug}", endpoint(|| ChatRoom))).await
//! }
//! ```
//!
//! The same in methods, one for each message; the two enums are then made of them:
//!
//! ```
//! use sockeye::{Broadcast, Context, Message, Result, handler};
//!
//! #[derive(Message)]
//! struct Say { text: String }
//!
//! #[derive(Message)]
//! struct Said { text: String }
//!
//! struct ChatRoom;
//!
//! #[handler]
//! impl ChatRoom {
//!     async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
//!         cx.join(("room", cx.param("room")?)).await
//!     }
//!
//!     #[on]
//!     async fn say(&mut self, message: Say) -> Broadcast<Said> {
//!         Broadcast(Said { text: message.text })
//!     }
//! }
//! ```
//!
//! Where to look: [`Handler`], [`handler`](macro@handler) and [`Context`] for handlers that are types,
//! [`Message`](derive@Message) for what they take and send, [`Answer`] for what their methods give, [`WebSocket`] for those
//! that are functions, [`Peer`] for what all know of their client; [`Router`] for routes, [`IntoEndpoint`] for what an
//! endpoint can be told, [`Hub`] and [`Group`] for publishing, [`Options`], [`ServerOptions`] and [`HubOptions`] for every
//! limit; [`serve`], [`Server`] and [`App`] to run it, the last one inside axum 0.8.
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
pub use broker::{
    Broker, BrokerFuture, BrokerStats, Inbound, MemoryBroker, Parcel, Readiness, Refused, Session,
};
pub use config::{
    Case, Drain, Heartbeat, HubOptions, OnError, Options, Overflow, Rate, Refusal, ServerOptions,
    Settings, SettingsError, Wire,
};
pub use connection::{Cause, Disconnect};
pub use error::{Error, ErrorKind, Result};
pub use group::{
    Event, Gap, Group, GroupName, Hub, IntoGroupName, Presence, PresenceChange, Present, Stats,
    UserConnections,
};
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
#[cfg(feature = "schema")]
pub use message::{ActionSchema, MessageSchema};
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
    pub use crate::{__with_garde as with_garde, __with_schema as with_schema};

    #[cfg(feature = "schema")]
    pub use crate::message::typed::schema_of;
    #[cfg(feature = "garde")]
    pub use crate::message::typed::validate;
    pub use crate::message::typed::{Extra, Object, add, decode, encode, no_action, read_nothing};

    pub mod actions {
        pub use crate::handler::actions::{alike, count, join, unique};
    }

    #[cfg(feature = "schema")]
    pub use schemars;
    pub use serde;
}
