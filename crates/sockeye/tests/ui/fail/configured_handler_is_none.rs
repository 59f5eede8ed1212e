//! A handler for configurations that is none.

use sockeye::Catalog;

struct Room;

fn main() {
    let _: Catalog = Catalog::new().with("room", Room);
}
