//! A variant that is read and never written.

use sockeye::Message;

#[derive(Message)]
enum FromClient {
    #[serde(skip_serializing)]
    Ping,
    Pong,
}

fn main() {}
