//! The WebSocket protocol without IO.
