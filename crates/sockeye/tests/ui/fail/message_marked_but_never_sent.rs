//! Marks on a message that is only read.

use sockeye::Message;

#[derive(Message)]
#[message(incoming, marked)]
enum FromClient {
    Ping,
}

fn main() {}
