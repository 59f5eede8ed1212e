//! A message that could never be.

use sockeye::Message;

#[derive(Message)]
enum FromClient {}

fn main() {}
