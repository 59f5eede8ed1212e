use sockeye::Message;

#[derive(Message)]
#[message(action_key = "ref")]
enum FromClient {
    Ping,
}

fn main() {}
