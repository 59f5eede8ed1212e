//! Both directions, each said to be the only one.

use sockeye::Message;

#[derive(Message)]
#[message(incoming, outgoing)]
enum FromClient {
    Ping,
}

fn main() {}
