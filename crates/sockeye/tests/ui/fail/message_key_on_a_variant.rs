use sockeye::Message;

#[derive(Message)]
enum FromClient {
    #[message(action_key = "type")]
    Ping,
}

fn main() {}
