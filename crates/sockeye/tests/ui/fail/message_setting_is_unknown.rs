//! A setting that there is not.

use sockeye::Message;

#[derive(Message)]
#[message(tag = "type")]
enum FromClient {
    Ping,
}

fn main() {}
