//! serde's own tag on a message.

use sockeye::Message;

#[derive(Message)]
#[serde(tag = "type", content = "data")]
enum FromClient {
    Ping,
}

fn main() {}
