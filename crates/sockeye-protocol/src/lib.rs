//! The WebSocket protocol without IO: RFC 6455 and permessage-deflate (RFC 7692), bytes in and events out.
//!
//! Nothing here reads a socket, a clock or a file. [`Endpoint`] is one side of one connection, a [`Workspace`] is what
//! many endpoints share, [`handshake`] judges the HTTP requests before them.

#![forbid(unsafe_code)]

mod assembly;
mod close;
pub mod deflate;
mod endpoint;
mod error;
mod event;
pub mod frame;
pub mod handshake;
mod limits;
mod mask;
mod opcode;
mod role;
mod short;
mod token;
mod utf8;
mod workspace;

pub use close::{CLOSE_REASON_BYTES_MAX, CloseCode, CloseFrame};
pub use deflate::{Deflate, DeflateConfig};
pub use endpoint::{Endpoint, State};
pub use error::{ProtocolError, SendError};
pub use event::{Event, Received};
pub use limits::Limits;
pub use opcode::{MessageKind, Opcode};
pub use role::Role;
pub use workspace::{Inbound, Outbound, Workspace};
