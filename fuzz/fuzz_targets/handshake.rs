//! Any headers as a request and as an answer: what is accepted keeps RFC 6455, what is refused says so shortly.
#![no_main]

use http::{HeaderMap, Method, StatusCode, Version};
use libfuzzer_sys::fuzz_target;
use sockeye_fuzz::headers;
use sockeye_protocol::DeflateConfig;
use sockeye_protocol::handshake::{Offer, Request, choose_subprotocol, offered_subprotocols};

fuzz_target!(|input: &[u8]| {
    let [setup, text @ ..] = input else { return };
    let headers = headers(text);
    let method = [Method::GET, Method::POST, Method::CONNECT][usize::from(setup & 3) % 3].clone();
    let version =
        [Version::HTTP_11, Version::HTTP_2, Version::HTTP_10][usize::from((setup >> 2) & 3) % 3];
    let protocol = (setup & 0x10 != 0).then_some("websocket");
    match Request::check(&method, version, &headers, protocol) {
        Ok(request) => accepted(&request, version, &headers),
        Err(error) => {
            let response = error.response();
            assert!(response.status().is_client_error() || version == Version::HTTP_10);
            check_text(response.body());
        }
    }
    let offer = Offer::new([*setup; 16])
        .subprotocol("chat")
        .deflate(DeflateConfig::default());
    if let Err(error) = offer.check_response(StatusCode::SWITCHING_PROTOCOLS, &headers) {
        check_text(&error.to_string());
    }
});

/// Checks what an accepted request must have, and its answer.
fn accepted(request: &Request, version: Version, headers: &HeaderMap) {
    assert_eq!(
        headers["sec-websocket-version"].as_bytes().trim_ascii(),
        b"13"
    );
    assert!(!headers.contains_key("transfer-encoding"));
    let chosen = match offered_subprotocols(headers) {
        Ok(offered) => choose_subprotocol(&offered, &["chat", "superchat"]),
        Err(error) => return check_text(&error.to_string()),
    };
    let response = request.response(chosen, None);
    if version == Version::HTTP_2 {
        assert_eq!(response.status(), StatusCode::OK);
        assert!(!response.headers().contains_key("sec-websocket-accept"));
        return;
    }
    for (name, lines) in [
        ("host", 1),
        ("sec-websocket-key", 1),
        ("sec-websocket-version", 1),
    ] {
        assert_eq!(headers.get_all(name).iter().count(), lines, "{name}");
    }
    assert_eq!(
        headers["sec-websocket-key"].as_bytes().trim_ascii().len(),
        24
    );
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(response.headers()["sec-websocket-accept"].len(), 28);
}

/// Errors may be logged and sent as they are.
fn check_text(text: &str) {
    assert!(text.len() < 500, "{} bytes", text.len());
    assert!(
        text.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "{text:?}"
    );
}
