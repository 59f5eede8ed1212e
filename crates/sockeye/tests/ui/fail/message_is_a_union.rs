//! A union as a message.

use sockeye::Message;

#[derive(Message)]
union FromClient {
    number: u32,
}

fn main() {}
