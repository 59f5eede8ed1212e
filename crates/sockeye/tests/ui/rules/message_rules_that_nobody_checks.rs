//! Rules without the derive that checks them.

use sockeye::Message;

#[derive(Message)]
struct Say {
    #[garde(length(max = 5))]
    text: String,
}

fn main() {}
