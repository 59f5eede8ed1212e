//! A setting of the type's on a variant.

use sockeye::Message;

#[derive(Message)]
enum FromClient {
    #[message(action_key = "type")]
    Ping,
}

fn main() {}
