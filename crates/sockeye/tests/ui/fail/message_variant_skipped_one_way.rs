use sockeye::Message;

#[derive(Message)]
enum FromClient {
    #[serde(skip_serializing)]
    Ping,
    Pong,
}

fn main() {}
