//! A maker of handlers that gives no handler.

use sockeye::{Path, Router, endpoint_with};

struct Room(u64);

async fn room(Path(id): Path<u64>) -> Room {
    Room(id)
}

fn main() {
    let _: Router = Router::new().route("/{id:int}", endpoint_with(room));
}
