use sockeye::Message;

#[derive(Message)]
union FromClient {
    number: u32,
}

fn main() {}
