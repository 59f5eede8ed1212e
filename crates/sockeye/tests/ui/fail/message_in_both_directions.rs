use sockeye::Message;

#[derive(Message)]
#[message(incoming, outgoing)]
enum FromClient {
    Ping,
}

fn main() {}
