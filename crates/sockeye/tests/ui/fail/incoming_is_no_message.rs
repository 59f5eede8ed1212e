//! An incoming type that says nothing about its wire form.

use sockeye::Handler;

#[derive(serde::Deserialize)]
struct Command {
    text: String,
}

struct Room;

impl Handler for Room {
    type Incoming = Command;
    type Outgoing = String;
}

fn main() {}
