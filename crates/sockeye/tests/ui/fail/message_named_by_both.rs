//! Two names for one action.

use sockeye::Message;

#[derive(Message)]
enum FromClient {
    #[message(action = "say")]
    #[serde(rename = "tell")]
    Say { text: String },
}

fn main() {}
