//! The realtime framework for Rust: WebSocket endpoints as typed handlers.

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

pub use broker::{Broker, BrokerFuture, Events, MemoryBroker, Publication};
pub use config::{Drain, Heartbeat, OnError, Options, Rate, Refusal, ServerOptions};
pub use connection::{Cause, Disconnect};
pub use error::{Error, ErrorKind, Result};
pub use group::{Group, GroupName, Hub, IntoGroupName, Stats};
pub use handler::{
    Context, DefaultHandler, Endpoint, FunctionHandler, Handler, HandshakeHook, IntoEndpoint, Made,
    MakeHandler, Outcome, Path, endpoint, endpoint_with,
};
pub use handshake::{
    Cookies, Handshake, Headers, OriginPolicy, ParamError, Params, Query, QueryError, Rejection,
    State, SubprotocolError, Url,
};
pub use id::{ConnectionId, NodeId};
pub use message::{
    DecodeError, EncodeError, Incoming, Json, Message, MessageKind, Outgoing, Payload,
};
pub use routing::{
    Catalog, Conflict, IntoPattern, Match, NestError, Pattern, PatternError, Route, RouteBox,
    RouteMention, Router, SegmentKind, Tree, Unmatched, UrlError,
};
#[cfg(feature = "tls")]
pub use server::tls_config;
pub use server::{App, Server, ServerHandle, serve};
pub use socket::{Peer, Sender, WebSocket};
pub use sockeye_protocol::{CloseCode, DeflateConfig};
