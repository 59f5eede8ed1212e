//! One key for the action and the payload.

use sockeye::Message;

#[derive(Message)]
#[message(payload_key = "action")]
enum FromClient {
    Ping,
}

fn main() {}
