use sockeye::Message;

#[derive(Message)]
enum FromClient {}

fn main() {}
