//! A form of its own for a variant.

use sockeye::Message;

#[derive(Message)]
enum FromClient {
    #[serde(with = "hex")]
    Colour(u32),
}

fn main() {}
