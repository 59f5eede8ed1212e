//! K1: function handlers, and what their return means.

use std::collections::HashMap;

use axum::extract::{Query, State};
use sockeye::{Error, Path, Result, Router, WebSocket};

use crate::harness::serve;

#[tokio::test]
async fn k1_a_function_takes_a_socket_and_returning_closes_1000() {
    async fn greet(socket: WebSocket) {
        socket.send("welcome");
    }
    async fn greet_or_fail(socket: WebSocket) -> Result<()> {
        socket.send_text("welcome").await
    }
    let server = serve(
        Router::new()
            .route("/plain", greet)
            .route("/result", greet_or_fail)
            .route("/closure", async |socket: WebSocket| socket.send("welcome")),
    )
    .await;
    for path in ["/plain", "/result", "/closure"] {
        let mut client = server.connect(path).await;
        assert_eq!(client.text().await, "welcome");
        assert_eq!(client.closed().await, Some((1000, String::new())), "{path}");
    }
    server.empty().await;
}

#[tokio::test]
async fn k1_a_function_may_return_while_its_peer_still_talks() {
    async fn first_word(mut socket: WebSocket) -> Result<()> {
        let word = socket.receive_text().await?;
        socket.send_text(&word.unwrap_or_default()).await
    }
    let server = serve(Router::new().route("/word", first_word)).await;
    let mut client = server.connect("/word").await;
    for word in ["one", "two", "three"] {
        client.send(word).await;
    }
    assert_eq!(client.text().await, "one");
    assert_eq!(client.closed().await, Some((1000, String::new())));
    server.empty().await;
}

#[tokio::test]
async fn k1_an_error_closes_1011_and_stays_inside() {
    async fn fails(mut socket: WebSocket) -> Result<()> {
        let number: Option<String> = socket.receive_text().await?;
        let _: u32 = number.unwrap_or_default().parse()?;
        Ok(())
    }
    let server = serve(Router::new().route("/number", fails)).await;
    let mut client = server.connect("/number").await;
    client.send("seven").await;
    let internal = Some((1011, "internal error".to_owned()));
    assert_eq!(client.closed().await, internal);
}

#[tokio::test]
async fn k1_a_panic_closes_1011_and_the_next_client_is_served() {
    async fn fragile(mut socket: WebSocket) -> Result<()> {
        let text = socket.receive_text().await?;
        assert_ne!(text.as_deref(), Some("break"), "asked to break");
        Ok(())
    }
    let server = serve(Router::new().route("/", fragile)).await;
    let (mut broken, mut whole) = (server.connect("/").await, server.connect("/").await);
    broken.send("break").await;
    assert_eq!(
        broken.closed().await,
        Some((1011, "internal error".to_owned()))
    );
    whole.send("stay").await;
    assert_eq!(whole.closed().await, Some((1000, String::new())));
    server.empty().await;
}

#[tokio::test]
async fn k1_an_error_meant_for_the_peer_closes_4000_plus_its_status() {
    async fn members_only(_: WebSocket) -> Result<()> {
        Err(Error::refused(403, "members only"))
    }
    let server = serve(Router::new().route("/", members_only)).await;
    let mut client = server.connect("/").await;
    let refused = Some((4403, "members only".to_owned()));
    assert_eq!(client.closed().await, refused);
}

#[tokio::test]
async fn k1_extractors_come_before_the_socket() {
    #[derive(Clone)]
    struct App {
        name: &'static str,
    }
    async fn describe(
        State(app): State<App>,
        Path((room, seat)): Path<(String, u8)>,
        Query(query): Query<HashMap<String, String>>,
        headers: http::HeaderMap,
        socket: WebSocket,
    ) {
        let agent = headers["user-agent"].to_str().unwrap();
        let lang = &query["lang"];
        let name = app.name;
        socket.send(format!("{name} {room} {seat} {lang} {agent}"));
    }
    let app = App { name: "concert" };
    let routes = Router::with_state(app).route("/rooms/{room}/{seat:int}", describe);
    let server = serve(routes).await;
    let headers = [("user-agent", "test")];
    let client = server.try_connect("/rooms/hall/7?lang=fr", &headers).await;
    let mut client = client.expect("an upgrade");
    assert_eq!(client.text().await, "concert hall 7 fr test");

    let refused = server.refused("/rooms/hall/300?lang=fr", &headers).await;
    assert_eq!(refused.status(), 400);
}
