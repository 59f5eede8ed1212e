//! What a server with default options does about clients that mean harm. Each probe measures the server's process from
//! outside; figures are printed.

mod bombs;
mod closing;
mod consumers;
mod deadlines;
mod floods;
mod heads;
mod lengths;
mod origins;
mod panics;
mod silence;
mod smuggling;
