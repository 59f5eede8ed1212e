use sockeye::Message;

#[derive(Message)]
#[message(incoming, marked)]
enum FromClient {
    Ping,
}

fn main() {}
