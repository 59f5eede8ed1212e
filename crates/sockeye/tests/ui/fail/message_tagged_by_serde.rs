use sockeye::Message;

#[derive(Message)]
#[serde(tag = "type", content = "data")]
enum FromClient {
    Ping,
}

fn main() {}
