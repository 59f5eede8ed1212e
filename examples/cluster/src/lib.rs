//! The parts of the example: a chat on several nodes, each a process of its own.

#![forbid(unsafe_code)]

mod broker;
mod node;
mod process;
mod show;

pub use broker::BrokerServer;
pub use node::Node;
pub use process::NodeProcess;
pub use show::Show;
