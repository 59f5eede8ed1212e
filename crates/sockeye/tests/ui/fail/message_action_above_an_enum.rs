//! An enum that is to have one action.

use sockeye::Message;

#[derive(Message)]
#[message(action = "ping")]
enum FromClient {
    Ping,
}

fn main() {}
