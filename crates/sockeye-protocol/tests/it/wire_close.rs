//! How connections end: close frames in, close frames out, and what follows them.

use sockeye_protocol::{
    CloseCode, CloseFrame, Endpoint, Limits, MessageKind, ProtocolError, SendError, State,
    Workspace,
};

use crate::peer::{Seen, client, feed, see, server, text};
use crate::raw::{CLOSE, FIN, PING, TEXT, close, masked};

fn closed(code: u16, reason: &str) -> Vec<Seen> {
    vec![Seen::Close(Some((code, reason.to_owned())))]
}

#[test]
fn valid_close_frames_are_read() {
    let longest = "r".repeat(123);
    let mut rows = vec![
        (Vec::new(), vec![Seen::Close(None)]),
        (close(1000, b"bye"), closed(1000, "bye")),
        (close(1001, "κόσμε".as_bytes()), closed(1001, "κόσμε")),
        (close(4000, longest.as_bytes()), closed(4000, &longest)),
    ];
    let codes = [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000,
        4999,
    ];
    rows.extend(codes.map(|code| (close(code, b""), closed(code, ""))));
    for (payload, expected) in rows {
        assert_eq!(
            see(server(), [&masked(CLOSE, &payload)[..]]),
            expected,
            "{payload:?}"
        );
    }
}

#[test]
fn broken_close_frames_are_refused() {
    let mut rows = vec![
        (vec![3], ProtocolError::TruncatedCloseCode),
        (close(1000, b"\xff"), ProtocolError::InvalidCloseReason),
        (close(1000, b"cut \xce"), ProtocolError::InvalidCloseReason),
    ];
    let codes = [
        0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535,
    ];
    rows.extend(codes.map(|code| (close(code, b""), ProtocolError::InvalidCloseCode { code })));
    for (payload, error) in rows {
        let seen = see(server(), [&masked(CLOSE, &payload)[..]]);
        assert_eq!(seen, [Seen::Refused(error)], "{payload:?}");
    }
}

#[test]
fn every_refusal_has_the_close_code_of_its_rule() {
    let rows = [
        (ProtocolError::UnmaskedFrame, CloseCode::PROTOCOL),
        (ProtocolError::TruncatedCloseCode, CloseCode::PROTOCOL),
        (
            ProtocolError::InvalidCloseCode { code: 0 },
            CloseCode::PROTOCOL,
        ),
        (ProtocolError::InvalidCloseReason, CloseCode::INVALID_DATA),
        (ProtocolError::InvalidUtf8, CloseCode::INVALID_DATA),
        (ProtocolError::InvalidDeflate, CloseCode::INVALID_DATA),
        (
            ProtocolError::FrameTooLarge {
                length: 2,
                limit: 1,
            },
            CloseCode::TOO_LARGE,
        ),
        (
            ProtocolError::MessageTooLarge { limit: 1 },
            CloseCode::TOO_LARGE,
        ),
        (
            ProtocolError::TooManyFragments { limit: 1 },
            CloseCode::POLICY,
        ),
    ];
    for (error, code) in rows {
        assert_eq!(error.close_code(), code, "{error}");
    }
}

#[test]
fn what_follows_a_close_frame_is_ignored() {
    let after: [&[u8]; 3] = [
        &masked(FIN | TEXT, b"late"),
        &masked(CLOSE, b""),
        b"\xff\xff garbage",
    ];
    for late in after {
        let bytes = [&masked(CLOSE, b""), late].concat();
        assert_eq!(see(server(), [&bytes[..]]), [Seen::Close(None)]);
        let one_by_one = see(server(), bytes.chunks(1));
        assert_eq!(one_by_one, [Seen::Close(None)], "read byte by byte");
    }
}

#[test]
fn a_close_frame_inside_a_fragmented_message_ends_it() {
    let bytes = [
        masked(TEXT, b"never "),
        masked(CLOSE, b""),
        masked(FIN, b"whole"),
    ]
    .concat();
    let mut endpoint = server();
    assert_eq!(
        feed(&mut endpoint, &mut Workspace::default(), &bytes),
        [Seen::Close(None)]
    );
    assert!(!endpoint.is_mid_message(), "its memory is kept");
}

#[test]
fn the_side_that_is_asked_to_close_answers_and_is_done() {
    let (mut endpoint, mut workspace, mut out) = (server(), Workspace::default(), Vec::new());
    let mut input = masked(CLOSE, &close(1001, b"away"));
    let received = endpoint
        .receive(&mut input, &Limits::default(), &mut workspace.inbound)
        .unwrap();
    assert_eq!(endpoint.state(), State::CloseReceived);
    let Some(sockeye_protocol::Event::Close(frame)) = received.event else {
        panic!("{received:?}");
    };
    assert!(endpoint.close(frame, &mut out, &mut workspace.outbound));
    assert_eq!(out, b"\x88\x06\x03\xe9away");
    assert_eq!(endpoint.state(), State::Closed);
    assert!(
        !endpoint.close(None, &mut out, &mut workspace.outbound),
        "twice"
    );
    assert_eq!(out.len(), 8);
}

#[test]
fn the_side_that_closes_reads_on_until_it_is_answered() {
    let (mut endpoint, mut workspace, mut out) = (server(), Workspace::default(), Vec::new());
    let frame = CloseFrame {
        code: CloseCode::RESTART,
        reason: "restart",
    };
    assert!(endpoint.close(Some(frame), &mut out, &mut workspace.outbound));
    assert_eq!(endpoint.state(), State::CloseSent);
    let seen = feed(
        &mut endpoint,
        &mut workspace,
        &masked(FIN | TEXT, b"on its way"),
    );
    assert_eq!(seen, [text("on its way")]);
    let seen = feed(
        &mut endpoint,
        &mut workspace,
        &masked(CLOSE, &close(1012, b"")),
    );
    assert_eq!(seen, closed(1012, ""));
    assert_eq!(endpoint.state(), State::Closed);
}

#[test]
fn an_error_allows_one_close_frame_and_nothing_else() {
    let (mut endpoint, mut workspace, mut out) = (server(), Workspace::default(), Vec::new());
    feed(&mut endpoint, &mut workspace, &masked(FIN, b""));
    assert_eq!(endpoint.state(), State::CloseReceived);
    refuses_all_but_close(&mut endpoint, &mut workspace);
    let code = ProtocolError::UnexpectedContinuation.close_code();
    assert!(endpoint.close(
        Some(CloseFrame { code, reason: "" }),
        &mut out,
        &mut workspace.outbound
    ));
    assert_eq!(out, b"\x88\x02\x03\xea");
    assert_eq!(endpoint.state(), State::Closed);
}

#[test]
fn nothing_is_sent_after_a_close_frame() {
    for mut endpoint in [server(), client()] {
        let (mut workspace, mut out) = (Workspace::default(), Vec::new());
        assert!(endpoint.close(None, &mut out, &mut workspace.outbound));
        refuses_all_but_close(&mut endpoint, &mut workspace);
        assert!(!endpoint.close(None, &mut out, &mut workspace.outbound));
    }
}

#[test]
fn control_payloads_over_125_bytes_are_not_sent() {
    let (mut endpoint, mut workspace, mut out) = (server(), Workspace::default(), Vec::new());
    let refused = endpoint.ping(&[0; 126], &mut out, &mut workspace.outbound);
    assert_eq!(refused, Err(SendError::ControlTooLong { length: 126 }));
    assert!(out.is_empty());
    endpoint
        .pong(&[0; 125], &mut out, &mut workspace.outbound)
        .unwrap();
    assert_eq!(out.len(), 127);
    assert_eq!(
        feed(&mut server(), &mut workspace, &masked(PING, &[0; 125])),
        [Seen::Ping(vec![0; 125])]
    );
}

fn refuses_all_but_close(endpoint: &mut Endpoint, workspace: &mut Workspace) {
    let (mut out, outbound) = (Vec::new(), &mut workspace.outbound);
    let sent = endpoint.send(MessageKind::Text, b"late", &mut out, outbound);
    assert_eq!(sent, Err(SendError::Closing));
    assert_eq!(
        endpoint.ping(b"", &mut out, outbound),
        Err(SendError::Closing)
    );
    assert_eq!(
        endpoint.pong(b"", &mut out, outbound),
        Err(SendError::Closing)
    );
    assert!(out.is_empty());
}
