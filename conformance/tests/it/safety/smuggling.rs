//! Smuggling: what stands behind a handshake is frames or nothing, never another request.

use futures_util::future::join_all;
use tokio::io::AsyncReadExt;

use crate::harness::{Server, within};
use crate::wire::requests::Edit::{Add, Body, Line, Set};
use crate::wire::requests::{Case, request};

/// What an attacker wants to reach.
const HIDDEN: &str = "GET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[rustfmt::skip]
const ATTEMPTS: &[Case<'_>] = &[
    ("behind a handshake", &[Body(HIDDEN)], 101),
    ("behind a handshake and a half frame", &[Body("\u{1}GET /stats HTTP/1.1\r\n\r\n")], 101),
    ("behind a handshake without a body", &[Add("Content-Length: 0"), Body(HIDDEN)], 101),
    ("behind a wrong version", &[Set("Sec-WebSocket-Version: 12"), Body(HIDDEN)], 426),
    ("behind a wrong key", &[Set("Sec-WebSocket-Key: short"), Body(HIDDEN)], 400),
    ("behind a foreign origin", &[Add("Origin: http://evil.example"), Body(HIDDEN)], 403),
    ("behind a wrong method", &[Line("POST /echo HTTP/1.1"), Body(HIDDEN)], 405),
    ("behind a path that is none", &[Line("GET /nowhere HTTP/1.1"), Body(HIDDEN)], 404),
    ("behind two hosts", &[Add("Host: evil.example"), Body(HIDDEN)], 400),
    ("behind an upgrade to HTTP/2", &[Set("Upgrade: h2c, websocket"), Set("Sec-WebSocket-Version: 0"), Body(HIDDEN)], 426),
    ("in a body", &[Add("Content-Length: 40"), Body(HIDDEN)], 400),
    ("behind a short body", &[Add("Content-Length: 1"), Body("xGET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n")], 400),
    ("in chunks", &[Add("Transfer-Encoding: chunked"), Body("28\r\nGET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n0\r\n\r\n")], 400),
    ("behind chunks", &[Add("Transfer-Encoding: chunked"), Body("0\r\n\r\nGET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n")], 400),
    ("between length and chunks", &[Add("Content-Length: 5"), Add("Transfer-Encoding: chunked"), Body("0\r\n\r\nGET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n")], 400),
    ("between chunks and length", &[Add("Transfer-Encoding: chunked"), Add("Content-Length: 45"), Body("0\r\n\r\nGET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n")], 400),
    ("behind no bytes and chunks", &[Add("Content-Length: 0"), Add("Transfer-Encoding: chunked"), Body("0\r\n\r\nGET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n")], 400),
    ("behind an encoding in disguise", &[Add("Transfer-Encoding: xchunked"), Body(HIDDEN)], 400),
    ("behind an encoding in two lines", &[Add("Transfer-Encoding: identity"), Add("Transfer-Encoding: chunked"), Body("0\r\n\r\nGET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n")], 400),
    ("behind an encoding with a space", &[Add("Transfer-Encoding : chunked"), Body("0\r\n\r\nGET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n")], 400),
    ("behind an encoding that is folded", &[Add("Transfer-Encoding:\r\n chunked"), Body("0\r\n\r\nGET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n")], 400),
    ("behind two lengths", &[Add("Content-Length: 0"), Add("Content-Length: 40"), Body(HIDDEN)], 400),
    ("behind a length with a sign", &[Add("Content-Length: +0"), Body(HIDDEN)], 400),
    ("behind a length in a list", &[Add("Content-Length: 0, 0"), Body(HIDDEN)], 400),
    ("behind a chunk with an extension", &[Add("Transfer-Encoding: chunked"), Body("0;x=\r\n\r\nGET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n")], 400),
    ("behind a chunk size that overflows", &[Add("Transfer-Encoding: chunked"), Body("10000000000000000\r\n\r\nGET /stats HTTP/1.1\r\n\r\n")], 400),
    ("behind an expectation", &[Add("Expect: 100-continue"), Add("Content-Length: 40"), Body(HIDDEN)], 400),
    ("in a header by a bare carriage return", &[Add("X: a\rGET /stats HTTP/1.1"), Body(HIDDEN)], 400),
    ("in a header by a NUL", &[Add("X: a\0GET /stats HTTP/1.1"), Body(HIDDEN)], 400),
];

#[tokio::test]
async fn nothing_behind_a_handshake_is_taken_for_another_request() {
    let server = Server::start();
    let answers = join_all(ATTEMPTS.iter().map(async |(why, edits, expected)| {
        let mut raw = server.raw().await;
        raw.offer(request(edits).as_bytes()).await;
        let response = raw.response().await;
        let mut rest = Vec::new();
        // Whatever comes until the server hangs up, which it does by its deadlines at the latest.
        let _ = within("the end of the connection", raw.0.read_to_end(&mut rest)).await;
        let rest = String::from_utf8_lossy(&rest).into_owned();
        let wrong = response.status != *expected || rest.contains("HTTP/1.");
        wrong.then(|| format!("{why}: expected {expected} alone, found {response:?} and {rest:?}"))
    }))
    .await;
    let wrong: Vec<_> = answers.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("{} attempts to smuggle", ATTEMPTS.len());
    server.empty().await;
}
