use sockeye::Message;

#[derive(Message)]
#[message(schema)]
struct Say {
    text: String,
}

fn main() {}
