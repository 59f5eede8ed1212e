use sockeye::Message;

struct Point {
    x: i32,
}

#[derive(Message)]
#[message(incoming)]
enum FromClient {
    Goto(Point),
}

fn main() {}
