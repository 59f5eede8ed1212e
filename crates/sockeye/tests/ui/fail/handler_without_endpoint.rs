//! A handler that is routed to without an endpoint around it.

use sockeye::{Handler, Router};

struct Room;

impl Handler for Room {
    type Incoming = String;
    type Outgoing = String;
}

fn main() {
    let _: Router = Router::new().route("/", Room);
}
