//! Two variants with one action.

use sockeye::Message;

#[derive(Message)]
enum FromClient {
    SayHi,
    Ping,
    #[message(action = "say_hi")]
    Greet { name: String },
}

fn main() {}
