//! A type that is no handler.

use sockeye::{Router, endpoint};

struct Room;

fn main() {
    let _: Router = Router::new().route("/", endpoint(|| Room));
}
