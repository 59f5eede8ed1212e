//! What the server, the load generator and the runner of the benchmark share.

#![forbid(unsafe_code)]

mod arguments;
mod failure;
mod program;

pub use arguments::Arguments;
pub use failure::{Failure, Outcome};
pub use program::run;
