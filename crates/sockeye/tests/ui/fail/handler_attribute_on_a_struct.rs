//! The attribute belongs on the block with the methods.

use sockeye::handler;

#[handler]
struct Chat;

fn main() {}
