//! The framework over real sockets, one module per behaviour.

mod harness;
mod smoke;
