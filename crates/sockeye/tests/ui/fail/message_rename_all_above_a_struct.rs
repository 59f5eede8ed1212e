//! The case of actions on a struct.

use sockeye::Message;

#[derive(Message)]
#[message(rename_all = "camelCase")]
struct Say {
    user_name: String,
}

fn main() {}
