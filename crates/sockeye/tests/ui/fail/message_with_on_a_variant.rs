use sockeye::Message;

#[derive(Message)]
enum FromClient {
    #[serde(with = "hex")]
    Colour(u32),
}

fn main() {}
