//! A key that the framework has for itself.

use sockeye::Message;

#[derive(Message)]
#[message(action_key = "ref")]
enum FromClient {
    Ping,
}

fn main() {}
