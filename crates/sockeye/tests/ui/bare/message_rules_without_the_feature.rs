//! Rules without the feature that checks them.

use sockeye::Message;

#[derive(Message)]
struct Say {
    #[garde(length(max = 5))]
    text: String,
}

fn main() {}
