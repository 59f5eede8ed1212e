//! Layout: what one idle connection keeps above the engine, in bytes on a 64-bit machine.
//!
//! | block | bytes | holds |
//! |---|---|---|
//! | `Running` | 24 | its slot, the guard of it, and what an open connection between two messages has none of |
//! | slot | 136 and the handler | counts of the `Arc` 16, lock 8, `Peer` 112 |
//! | block of the request | 1 a text | target, authority, both addresses, names and values of the headers |
//!
//! A `Peer` is its sender 8, its site 8, the lock of its holdings 8, its groups 16 (a second one is a block), its tasks
//! 8, and the `Handshake` 64: headers 16, parameters 24 (a block when name and text pass 14 bytes), state 8, what is
//! rare 8, subprotocol and transport 8.
//!
//! A function handler keeps its future and two blocks instead of the slot: its `Peer` with counts, and its mailbox.

use std::mem::size_of;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::handler::running::Running;
use crate::handler::slot::Slot;
use crate::handler::{Context, DefaultHandler};
use crate::handshake::{Handshake, Headers, Params, State};
use crate::socket::{Mailbox, Peer, Site, WebSocket};

#[test]
fn an_idle_connection_keeps_what_the_table_says() {
    let counts = 16;
    let slot = counts + size_of::<Mutex<Slot<DefaultHandler>>>();
    assert_eq!((size_of::<Running<DefaultHandler>>(), slot), (24, 136));
    let rows = [
        ("Peer", size_of::<Peer>(), 112),
        ("Context", size_of::<Context<DefaultHandler>>(), 112),
        ("Handshake", size_of::<Handshake>(), 64),
        ("Headers", size_of::<Headers>(), 16),
        ("Params", size_of::<Params>(), 24),
        ("State", size_of::<State>(), 8),
        ("Site", size_of::<Arc<Site>>(), 8),
        ("WebSocket", size_of::<WebSocket>(), 24),
        ("Mailbox", size_of::<Mailbox>(), 8),
    ];
    for (part, bytes, written) in rows {
        assert_eq!(bytes, written, "{part}");
    }
}
