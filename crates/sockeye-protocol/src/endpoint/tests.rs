//! What an endpoint promises about its own memory, and how it answers.

use crate::opcode::Opcode;
use crate::{Endpoint, Event, Limits, MessageKind, Role, Workspace, frame};

fn pair() -> (Endpoint, Endpoint) {
    let make = |role| Endpoint::new(role, None);
    (make(Role::Client), make(Role::Server))
}

/// One frame of a client with this payload, its header 14 bytes at most.
fn from_client(kind: MessageKind, payload: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    pair()
        .0
        .send(kind, payload, &mut wire, &mut Workspace::default().outbound)
        .unwrap();
    wire
}

#[test]
fn an_idle_endpoint_is_16_bytes() {
    assert_eq!(size_of::<Endpoint>(), 16);
}

#[test]
fn an_event_can_be_answered_while_it_is_read() {
    let (_, mut server) = pair();
    let mut workspace = Workspace::default();
    let (mut wire, mut reply) = (from_client(MessageKind::Text, b"hello"), Vec::new());
    let received = server
        .receive(&mut wire, &Limits::default(), &mut workspace.inbound)
        .unwrap();
    let Some(Event::Text(text)) = received.event else {
        panic!("{received:?}")
    };
    server
        .send(
            MessageKind::Text,
            text.as_bytes(),
            &mut reply,
            &mut workspace.outbound,
        )
        .unwrap();
    assert_eq!(reply, b"\x81\x05hello");
}

#[test]
fn a_whole_plain_message_is_read_where_it_lies() {
    let (_, mut server) = pair();
    let mut workspace = Workspace::default();
    let inbound = std::slice::from_ref(&workspace.inbound).as_ptr_range();
    let inbound = inbound.start.cast()..inbound.end.cast();
    for length in [0, 5, 125, 126, 200, 70_000] {
        let payload = vec![b'x'; length];
        let mut wire = from_client(MessageKind::Text, &payload);
        let place = wire.as_ptr_range();
        let received = server
            .receive(&mut wire, &Limits::default(), &mut workspace.inbound)
            .unwrap();
        let Some(Event::Text(text)) = received.event else {
            panic!("{received:?}")
        };
        assert_eq!(text.len(), length);
        // A short one is unmasked into memory that is there already.
        let place = if length <= 125 { &inbound } else { &place };
        assert!(
            place.contains(&text.as_ptr()) || text.is_empty(),
            "{length} bytes were copied"
        );
        assert!(server.held.is_none(), "something was boxed");
    }
    let inbound = &workspace.inbound;
    assert_eq!((inbound.text.capacity(), inbound.bytes.capacity()), (0, 0));
}

#[test]
fn a_header_in_two_reads_leaves_nothing_behind() {
    let (_, mut server) = pair();
    let mut workspace = Workspace::default();
    let mut wire = from_client(MessageKind::Binary, &[7; 300]);
    for cut in 1..8 {
        server
            .receive(
                &mut wire.clone()[..cut],
                &Limits::default(),
                &mut workspace.inbound,
            )
            .unwrap();
        assert!(server.is_mid_message(), "cut at {cut}");
        let mut rest = wire.split_off(cut);
        let received = server
            .receive(&mut rest, &Limits::default(), &mut workspace.inbound)
            .unwrap();
        assert_eq!(received.event, Some(Event::Binary(&[7; 300])));
        assert!(server.held.is_none(), "cut at {cut}");
        wire = from_client(MessageKind::Binary, &[7; 300]);
    }
}

#[test]
fn memory_follows_the_bytes_that_arrived_and_goes_with_the_message() {
    let (_, mut server) = pair();
    let mut workspace = Workspace::default();
    let mut wire = from_client(MessageKind::Binary, &[7; 100_000]);
    let (first, second) = wire.split_at_mut(1000);
    server
        .receive(first, &Limits::default(), &mut workspace.inbound)
        .unwrap();
    let held = server
        .held
        .as_ref()
        .unwrap()
        .message
        .as_ref()
        .unwrap()
        .capacity();
    assert!(
        (900..=2000).contains(&held),
        "{held} bytes are held for the 986 that arrived"
    );
    let received = server
        .receive(second, &Limits::default(), &mut workspace.inbound)
        .unwrap();
    assert_eq!(received.event, Some(Event::Binary(&[7; 100_000])));
    assert!(server.held.is_none());
    server
        .receive(&mut [], &Limits::default(), &mut workspace.inbound)
        .unwrap();
    assert_eq!(
        workspace.inbound.bytes.capacity(),
        0,
        "a large buffer was kept"
    );
}

#[test]
fn a_control_frame_in_pieces_leaves_nothing_behind() {
    let (_, mut server) = pair();
    let (mut workspace, mut wire) = (Workspace::default(), Vec::new());
    pair()
        .0
        .ping(&[7; 125], &mut wire, &mut workspace.outbound)
        .unwrap();
    for byte in &mut wire[..130] {
        let received = server
            .receive(
                std::slice::from_mut(byte),
                &Limits::default(),
                &mut workspace.inbound,
            )
            .unwrap();
        assert_eq!(received.event, None);
    }
    let received = server
        .receive(&mut wire[130..], &Limits::default(), &mut workspace.inbound)
        .unwrap();
    assert_eq!(received.event, Some(Event::Ping(&[7; 125])));
    assert!(server.held.is_none());
}

#[test]
fn a_server_sends_what_the_shared_frame_holds() {
    let (_, mut server) = pair();
    let (mut workspace, mut out) = (Workspace::default(), Vec::new());
    server
        .send(
            MessageKind::Binary,
            &[7; 300],
            &mut out,
            &mut workspace.outbound,
        )
        .unwrap();
    assert_eq!(out, frame::encode(Opcode::Binary, &[7; 300]));
}

#[test]
fn two_frames_of_a_client_are_masked_differently() {
    let (first, second) = (
        from_client(MessageKind::Text, b""),
        from_client(MessageKind::Text, b""),
    );
    assert_eq!(first[..2], [0x81, 0x80]);
    assert_ne!(first[2..], second[2..]);
}
