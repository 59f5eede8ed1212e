//! An outgoing type that says nothing about its wire form.

use sockeye::Handler;

#[derive(serde::Serialize)]
struct Event {
    text: String,
}

struct Room;

impl Handler for Room {
    type Incoming = String;
    type Outgoing = Event;
}

fn main() {}
