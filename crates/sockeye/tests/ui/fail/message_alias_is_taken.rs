//! A further name that is the action of another variant.

use sockeye::Message;

#[derive(Message)]
enum FromClient {
    Ping,
    #[serde(alias = "ping")]
    Knock,
}

fn main() {}
