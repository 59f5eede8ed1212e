//! Kui: function handlers, views by encoding, the WebSocket object.

mod dependencies;
mod ends;
mod functions;
mod middleware;
mod paths;
mod request;
mod socket;
mod views;
