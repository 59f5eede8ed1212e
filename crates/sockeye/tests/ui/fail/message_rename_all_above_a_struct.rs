use sockeye::Message;

#[derive(Message)]
#[message(rename_all = "camelCase")]
struct Say {
    user_name: String,
}

fn main() {}
