//! Any bytes into an endpoint: cut or whole they read the same, within the limits, and what was read can be sent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sockeye_fuzz::{LIMITS, Seen, pair, see, with_workspace};
use sockeye_protocol::{Endpoint, Limits};

fuzz_target!(|input: &[u8]| {
    let [setup, size, bytes @ ..] = input else {
        return;
    };
    // Contexts of compression cost most of an execution, and the target `inflate` has them.
    let setup = setup & !0b11;
    let (client, server) = pair(setup);
    let (again, other) = pair(setup);
    let is_server = setup & 0x40 != 0;
    let (mut whole, mut cut) = if is_server {
        (server, other)
    } else {
        (client, again)
    };
    let seen = see(&mut whole, &LIMITS, bytes, bytes.len());
    assert_eq!(
        see(&mut cut, &LIMITS, bytes, usize::from(*size)),
        seen,
        "cut into reads of {size}"
    );
    assert_eq!(whole.state(), cut.state());
    let (client, server) = pair(setup);
    let (sender, receiver) = if is_server {
        (server, client)
    } else {
        (client, server)
    };
    sends_back(sender, receiver, &seen);
});

/// Sends all messages that were seen, and checks that they arrive as they are.
fn sends_back(mut sender: Endpoint, mut receiver: Endpoint, seen: &[Seen]) {
    let mut wire = Vec::new();
    let is_message = |one: &&Seen| matches!(one, Seen::Message(..));
    for one in seen {
        if let Seen::Message(kind, bytes) = one {
            with_workspace(|workspace| {
                sender.send(*kind, bytes, &mut wire, &mut workspace.outbound)
            })
            .expect("it is open");
        }
    }
    let arrived = see(&mut receiver, &Limits::default(), &wire, wire.len());
    assert!(
        arrived.iter().eq(seen.iter().filter(is_message)),
        "{arrived:?}"
    );
}
