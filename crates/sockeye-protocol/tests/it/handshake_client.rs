//! What a client asks, which answers it accepts, and how subprotocols are chosen.

use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use sockeye_protocol::DeflateConfig;
use sockeye_protocol::handshake::{
    HandshakeError, Offer, Request, ResponseError, SUBPROTOCOLS_MAX, choose_subprotocol,
    offered_subprotocols,
};

fn offer() -> Offer {
    Offer::new([7; 16])
        .subprotocol("chat")
        .subprotocol("superchat")
        .deflate(DeflateConfig::default())
}

/// A good answer to [`offer`], with one header changed; an empty value leaves it out.
fn answer(name: &'static str, value: &'static str) -> Result<(), ResponseError> {
    let mut headers = HeaderMap::new();
    let accept = "CdXSYUsvsaMthlEXWDNURGWA/1o=";
    for (name, value) in [
        ("upgrade", "websocket"),
        ("connection", "upgrade"),
        ("sec-websocket-accept", accept),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.remove(name);
    for line in value.split('|').filter(|line| !line.is_empty()) {
        headers.append(
            HeaderName::from_static(name),
            HeaderValue::from_static(line),
        );
    }
    offer()
        .check_response(StatusCode::SWITCHING_PROTOCOLS, &headers)
        .map(|_| ())
}

#[test]
fn a_client_and_a_server_of_ours_agree() {
    let mut headers = offer().headers();
    headers.insert("host", HeaderValue::from_static("example.org"));
    let request = Request::check(&Method::GET, Version::HTTP_11, &headers, None).unwrap();
    let offered = offered_subprotocols(&headers).unwrap();
    assert_eq!(offered, ["chat", "superchat"]);
    let chosen = choose_subprotocol(&offered, &["superchat", "chat"]);
    let config = DeflateConfig::default();
    let (deflate, extensions) = sockeye_protocol::deflate::negotiate(&headers, &config)
        .unwrap()
        .unwrap();
    let response = request.response(chosen, Some(extensions));
    let agreed = offer()
        .check_response(response.status(), response.headers())
        .unwrap();
    assert_eq!(agreed.subprotocol.as_deref(), Some("superchat"));
    assert_eq!(agreed.deflate, Some(deflate));
}

#[test]
fn answers_with_one_change_are_judged() {
    let accepted = [
        ("upgrade", "WebSocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-protocol", "chat"),
        ("sec-websocket-protocol", ""),
        (
            "sec-websocket-extensions",
            "permessage-deflate; server_no_context_takeover",
        ),
        ("sec-websocket-extensions", ""),
    ];
    for (name, value) in accepted {
        assert_eq!(answer(name, value), Ok(()), "{name}: {value}");
    }
    let refused = [
        ("upgrade", ""),
        ("upgrade", "h2c"),
        ("connection", ""),
        ("connection", "close"),
        ("sec-websocket-accept", ""),
        ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        (
            "sec-websocket-accept",
            "CdXSYUsvsaMthlEXWDNURGWA/1o=|CdXSYUsvsaMthlEXWDNURGWA/1o=",
        ),
        ("sec-websocket-accept", "cdxsyusvsamthlexwdnurgwa/1o="),
        ("sec-websocket-protocol", "other"),
        ("sec-websocket-protocol", "Chat"),
        ("sec-websocket-protocol", "chat, superchat"),
        ("sec-websocket-protocol", "chat|superchat"),
        ("sec-websocket-extensions", "foo"),
        ("sec-websocket-extensions", "permessage-deflate"),
        ("sec-websocket-extensions", "permessage-deflate;"),
    ];
    for (name, value) in refused {
        assert!(answer(name, value).is_err(), "{name}: {value}");
    }
}

#[test]
fn any_other_status_is_an_ordinary_response() {
    for status in [200, 301, 400, 401, 426, 503] {
        let found = StatusCode::from_u16(status).unwrap();
        let judged = offer().check_response(found, &HeaderMap::new());
        assert_eq!(judged, Err(ResponseError::Status { found }));
    }
}

#[test]
fn an_extension_that_was_not_offered_is_refused() {
    let offer = Offer::new([7; 16]);
    assert!(offer.headers().get("sec-websocket-extensions").is_none());
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("upgrade", "websocket"),
        ("connection", "upgrade"),
        ("sec-websocket-accept", "CdXSYUsvsaMthlEXWDNURGWA/1o="),
        ("sec-websocket-extensions", "permessage-deflate"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let judged = offer.check_response(StatusCode::SWITCHING_PROTOCOLS, &headers);
    assert!(
        matches!(judged, Err(ResponseError::Extension(_))),
        "{judged:?}"
    );
}

#[test]
#[should_panic(expected = "offered twice")]
fn offering_a_subprotocol_twice_panics_where_it_is_written() {
    let _ = Offer::new([0; 16]).subprotocol("chat").subprotocol("chat");
}

fn offered(lines: &[&str]) -> Result<Vec<String>, HandshakeError> {
    let value = |line: &&str| HeaderValue::from_bytes(line.as_bytes()).unwrap();
    let headers: HeaderMap = lines
        .iter()
        .map(|line| (SEC_WEBSOCKET_PROTOCOL, value(line)))
        .collect();
    Ok(offered_subprotocols(&headers)?
        .into_iter()
        .map(str::to_owned)
        .collect())
}

#[test]
fn offered_subprotocols_are_read_from_every_line() {
    let rows: [(&[&str], &[&str]); 7] = [
        (&[], &[]),
        (&[""], &[]),
        (&["chat"], &["chat"]),
        (&["chat, superchat"], &["chat", "superchat"]),
        (
            &["chat,superchat", "v2.example.org"],
            &["chat", "superchat", "v2.example.org"],
        ),
        (&[" ,chat,\t, "], &["chat"]),
        (&["Chat, chat"], &["Chat", "chat"]),
    ];
    for (lines, expected) in rows {
        assert_eq!(offered(lines).unwrap(), expected, "{lines:?}");
    }
}

#[test]
fn broken_subprotocol_offers_are_refused() {
    for lines in [
        &["chat, chat"][..],
        &["chat", "chat"],
        &["two words"],
        &["a/b"],
        &["\"chat\""],
        &["\u{e9}"],
    ] {
        let error = offered(lines).expect_err(&format!("{lines:?}"));
        assert_eq!(error.status(), StatusCode::BAD_REQUEST);
    }
    let names: Vec<String> = (0..=SUBPROTOCOLS_MAX).map(|at| format!("p{at}")).collect();
    assert_eq!(
        offered(&[&names[1..].join(",")]).unwrap().len(),
        SUBPROTOCOLS_MAX
    );
    assert_eq!(
        offered(&[&names.join(",")]),
        Err(HandshakeError::TooManySubprotocols)
    );
}

#[test]
fn the_servers_order_decides_among_the_offered() {
    assert_eq!(choose_subprotocol(&["a", "b"], &["b", "a"]), Some("b"));
    assert_eq!(choose_subprotocol(&["a"], &["b", "a"]), Some("a"));
    assert_eq!(choose_subprotocol(&["A"], &["a"]), None);
    assert_eq!(choose_subprotocol(&[], &["a"]), None);
    assert_eq!(choose_subprotocol(&["a"], &[] as &[&str]), None);
}
