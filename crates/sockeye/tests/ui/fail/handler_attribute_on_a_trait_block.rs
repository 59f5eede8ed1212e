//! The attribute makes the `impl Handler` itself.

use sockeye::{Handler, handler};

struct Chat;

#[handler]
impl Handler for Chat {
    type Incoming = String;
    type Outgoing = String;
}

fn main() {}
