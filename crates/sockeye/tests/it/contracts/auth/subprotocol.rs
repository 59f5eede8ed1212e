//! Tokens among the subprotocols: read, and never repeated.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sockeye::{Router, bearer, bearer_subprotocol, endpoint};

use crate::contracts::auth::{Greeter, by_token, enter};
use crate::harness::serve;

fn carrying(token: impl AsRef<[u8]>) -> String {
    format!(
        "base64url.bearer.chat.example.{}",
        BASE64_URL_SAFE_NO_PAD.encode(token)
    )
}

#[tokio::test]
async fn c1_a_token_among_the_subprotocols_is_read_and_the_answer_names_the_real_one() {
    let endpoint = endpoint(|| Greeter)
        .authenticate(bearer_subprotocol(by_token))
        .subprotocols(["chat.v2", "chat.v1"]);
    let server = serve(Router::new().route("/", endpoint)).await;
    let token = carrying("token.of.ann");
    for (offered, chosen) in [
        (format!("chat.v1, {token}"), "chat.v1"),
        (format!("{token}, chat.v1"), "chat.v1"),
        (format!("{token},chat.v1,chat.v2"), "chat.v2"),
    ] {
        let mut client = enter(&server, "/", &[("sec-websocket-protocol", &offered)]).await;
        assert_eq!(client.response.headers()["sec-websocket-protocol"], chosen);
        assert_eq!(client.text().await, "hello ann");
    }
}

#[tokio::test]
async fn c1_no_hook_can_repeat_a_token_that_came_as_a_subprotocol() {
    // Echoes whatever is offered first, as many programs do.
    let endpoint = endpoint(|| Greeter)
        .authenticate(bearer_subprotocol(by_token))
        .accept(|handshake| {
            let offered: Vec<_> = handshake
                .offered_subprotocols()
                .map(str::to_owned)
                .collect();
            assert_eq!(offered, ["chat"]);
            assert!(
                handshake
                    .accept_subprotocol(&carrying("token.of.ann"))
                    .is_err()
            );
            Ok(handshake.accept_subprotocol(&offered[0])?)
        });
    let server = serve(Router::new().route("/", endpoint)).await;
    let offered = format!("{}, chat", carrying("token.of.ann"));
    let client = enter(&server, "/", &[("sec-websocket-protocol", &offered)]).await;
    assert_eq!(client.response.headers()["sec-websocket-protocol"], "chat");
}

#[tokio::test]
async fn c1_a_token_without_a_real_subprotocol_is_refused_and_told_which_to_offer() {
    let endpoint = endpoint(|| Greeter)
        .authenticate(bearer(by_token).or_subprotocol())
        .subprotocols(["chat.v1"]);
    let server = serve(Router::new().route("/", endpoint)).await;
    for offered in [
        carrying("token.of.ann"),
        format!("{}, mqtt", carrying("token.of.ann")),
    ] {
        let refused = server
            .refused("/", &[("sec-websocket-protocol", &offered)])
            .await;
        assert_eq!(refused.status(), 400);
        let headers = format!("{:?}", refused.headers());
        let text = String::from_utf8(refused.into_body().unwrap_or_default()).expect("a text");
        assert!(
            text.ends_with("the one that carries the token: chat.v1"),
            "{text}"
        );
        assert!(
            !text.contains("base64url") && !headers.contains("base64url"),
            "{text} {headers}"
        );
    }
    assert_eq!(server.hub.stats().connections, 0);
}

#[tokio::test]
async fn c1_tokens_among_the_subprotocols_that_cannot_be_read_are_refused() {
    let endpoint = endpoint(|| Greeter)
        .authenticate(bearer_subprotocol(by_token))
        .subprotocols(["chat"]);
    let server = serve(Router::new().route("/", endpoint)).await;
    let ann = carrying("token.of.ann");
    for (offered, status) in [
        ("chat".to_owned(), 401),
        (format!("chat, {}", carrying("stale")), 401),
        (format!("chat, {}", carrying("stop")), 403),
        (format!("chat, {}", carrying(b"\xff\xfe")), 401),
        (format!("chat, {}", carrying("")), 401),
        ("chat, base64url.bearer.".to_owned(), 401),
        ("chat, base64url.bearer.chat.!!!".to_owned(), 401),
        ("chat, base64url.bearer.chat.eDp5+".to_owned(), 401),
        ("chat, bearer.chat.eDp5".to_owned(), 401),
        (format!("chat, {ann}, {}", carrying("token.of.ben")), 400),
    ] {
        let refused = server
            .refused("/", &[("sec-websocket-protocol", &offered)])
            .await;
        assert_eq!(refused.status(), status, "{offered}");
    }
}
