//! A case that nobody knows.

use sockeye::Message;

#[derive(Message)]
#[message(rename_all = "snake-case")]
enum FromClient {
    Ping,
}

fn main() {}
