//! A message without an action.

use sockeye::Message;

#[derive(Message)]
#[serde(untagged)]
enum FromClient {
    Ping,
}

fn main() {}
