use crate::{Endpoint, Event, Limits, MessageKind, Role, Workspace};

#[test]
fn an_idle_endpoint_is_64_bytes() {
    assert_eq!(size_of::<Endpoint>(), 64);
}

#[test]
fn an_event_can_be_answered_while_it_is_read() {
    let (mut client, mut server) = pair();
    let mut workspace = Workspace::default();
    let (mut wire, mut reply) = (Vec::new(), Vec::new());
    client
        .send(
            MessageKind::Text,
            b"hello",
            &mut wire,
            &mut workspace.outbound,
        )
        .unwrap();
    let received = server.receive(&mut wire, &mut workspace.inbound).unwrap();
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

fn pair() -> (Endpoint, Endpoint) {
    let make = |role| Endpoint::new(role, Limits::default(), None);
    (make(Role::Client), make(Role::Server))
}
