use sockeye::Message;

#[derive(Message)]
#[message(action = "ping")]
enum FromClient {
    Ping,
}

fn main() {}
