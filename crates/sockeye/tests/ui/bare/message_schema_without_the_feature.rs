//! A schema without the feature that describes.

use sockeye::Message;

#[derive(Message)]
#[message(schema)]
struct Say {
    text: String,
}

fn main() {}
