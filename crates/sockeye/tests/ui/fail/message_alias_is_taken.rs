use sockeye::Message;

#[derive(Message)]
enum FromClient {
    Ping,
    #[serde(alias = "ping")]
    Knock,
}

fn main() {}
