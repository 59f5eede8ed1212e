//! A message with parameters.

use sockeye::Message;

#[derive(Message)]
enum FromClient<'a, T> {
    Say { text: &'a str, more: T },
}

fn main() {}
