//! Subprotocols: which of those offered is chosen by an endpoint that speaks `chat.v2` and, rather not, `chat.v1`.

use futures_util::future::join_all;

use crate::harness::Server;

/// The header lines of an offer, and what is chosen of it.
#[rustfmt::skip]
const OFFERS: &[(&str, Option<&str>)] = &[
    ("", None),
    ("Sec-WebSocket-Protocol: chat.v1\r\n", Some("chat.v1")),
    ("Sec-WebSocket-Protocol: chat.v2\r\n", Some("chat.v2")),
    ("Sec-WebSocket-Protocol: chat.v1, chat.v2\r\n", Some("chat.v2")),
    ("Sec-WebSocket-Protocol: chat.v2, chat.v1\r\n", Some("chat.v2")),
    ("Sec-WebSocket-Protocol: chat.v1,chat.v2\r\n", Some("chat.v2")),
    ("Sec-WebSocket-Protocol:chat.v1\t,\tchat.v2\r\n", Some("chat.v2")),
    ("Sec-WebSocket-Protocol: ,, chat.v1 ,,\r\n", Some("chat.v1")),
    ("Sec-WebSocket-Protocol: chat.v1\r\nSec-WebSocket-Protocol: chat.v2\r\n", Some("chat.v2")),
    ("Sec-WebSocket-Protocol: mail\r\nSec-WebSocket-Protocol: chat.v1\r\n", Some("chat.v1")),
    ("sec-websocket-protocol: chat.v1\r\n", Some("chat.v1")),
    ("Sec-WebSocket-Protocol: mail, news, chat.v1\r\n", Some("chat.v1")),
    ("Sec-WebSocket-Protocol: mail\r\n", None),
    ("Sec-WebSocket-Protocol: CHAT.V1\r\n", None),
    ("Sec-WebSocket-Protocol: chat\r\n", None),
    ("Sec-WebSocket-Protocol: chat.v11\r\n", None),
    ("Sec-WebSocket-Protocol: xchat.v1\r\n", None),
    ("Sec-WebSocket-Protocol: \r\n", None),
    ("Sec-WebSocket-Protocol: ,\r\n", None),
    ("Sec-WebSocket-Protocol: chat.v1;q=1\r\n", None),
    ("Sec-WebSocket-Protocol: \"chat.v1\"\r\n", None),
    ("Sec-WebSocket-Protocol: chat.v1 chat.v2\r\n", None),
];

#[tokio::test]
async fn the_preferred_subprotocol_is_chosen_and_never_one_that_was_not_offered() {
    let server = Server::start();
    join_all(OFFERS.iter().map(async |(lines, chosen)| {
        let mut raw = server.raw().await;
        let head = crate::harness::Raw::head("/subprotocols");
        raw.write(format!("{head}{lines}\r\n").as_bytes()).await;
        let response = raw.response().await;
        assert_eq!(response.status, 101, "{lines}");
        assert_eq!(
            response.header("sec-websocket-protocol"),
            *chosen,
            "{lines}"
        );
        raw.lives().await;
    }))
    .await;
    println!("{} subprotocol offers", OFFERS.len());
}
