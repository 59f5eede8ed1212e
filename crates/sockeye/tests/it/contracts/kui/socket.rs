//! K4: receiving, sending, iterating, closing, and waiting for the peer's departure.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use sockeye::{
    Cause, CloseCode, Context, ErrorKind, Handler, IntoEndpoint, Options, RawMessage, Result,
    Router, WebSocket, endpoint,
};

use crate::contracts::notes::{Notes, Reader, notes};
use crate::harness::{Raw, Running, Wire, serve};

/// Serves one function that may take notes.
async fn with_notes<F, Fut>(function: F) -> (Running, Reader)
where
    F: Fn(WebSocket, Notes) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<()>> + Send + 'static,
{
    let (notes, reader) = notes();
    let routes = Router::new().route("/", move |socket: WebSocket| {
        function(socket, notes.clone())
    });
    (serve(routes).await, reader)
}

#[tokio::test]
async fn k4_every_way_to_send_has_its_way_to_receive() {
    async fn all(mut socket: WebSocket) -> Result<()> {
        let text = socket.receive_text().await?.expect("a text");
        socket.send_text(&text).await?;
        let bytes = socket.receive_bytes().await?.expect("bytes");
        socket.send_bytes(bytes).await?;
        let value: Value = socket.receive_json().await?.expect("json in a text");
        socket.send_json(&value).await?;
        let value: Vec<u8> = socket.receive_json().await?.expect("json in bytes");
        socket.send_json(&value).await?;
        let message = socket.receive().await.expect("any");
        assert_eq!(message, RawMessage::Binary(Bytes::from_static(b"any")));
        socket.send_message(message).await
    }
    let server = serve(Router::new().route("/", all)).await;
    let mut client = server.connect("/").await;
    client.send("text").await;
    client.send(b"bytes".to_vec()).await;
    client.send(r#"{"a":1}"#).await;
    client.send(b"[1,2]".to_vec()).await;
    client.send(b"any".to_vec()).await;
    let expected: [Wire; 5] = [
        "text".into(),
        b"bytes".to_vec().into(),
        r#"{"a":1}"#.into(),
        "[1,2]".into(),
        b"any".to_vec().into(),
    ];
    for expected in expected {
        assert_eq!(client.frame().await, Some(expected));
    }
    assert_eq!(client.closed().await, Some((1000, String::new())));
}

#[tokio::test]
async fn k4_iteration_gives_every_message_and_ends_when_the_peer_leaves() {
    let (server, mut reader) = with_notes(async |mut socket: WebSocket, notes: Notes| {
        while let Some(message) = socket.next().await {
            notes.write(format!("{message:?}"));
        }
        notes.write(socket.closed().await);
        Ok(())
    })
    .await;
    let mut client = server.connect("/").await;
    client.send("one").await;
    client.send(b"2".to_vec()).await;
    client.close(CloseCode::new(4001), "bye").await;
    assert_eq!(reader.next().await, r#"Text("one")"#);
    assert_eq!(reader.next().await, r#"Binary(b"2")"#);
    assert_eq!(reader.next().await, "PeerClosed (4001)");
}

#[tokio::test]
async fn k4_the_wait_for_the_peer_s_departure_loses_no_message() {
    let (server, mut reader) = with_notes(async |mut socket: WebSocket, notes: Notes| {
        let end = socket.closed().await;
        notes.write(end.reason());
        while let Some(text) = socket.receive_text().await? {
            notes.write(text);
        }
        assert_eq!(socket.closed().await, end, "the same answer again");
        assert_eq!(socket.receive().await, None, "and again");
        notes.write("over");
        Ok(())
    })
    .await;
    let mut client = server.connect("/").await;
    client.send("one").await;
    client.send("two").await;
    client.close(CloseCode::NORMAL, "gone").await;
    for note in ["gone", "one", "two", "over"] {
        assert_eq!(reader.next().await, note);
    }
}

#[tokio::test]
async fn k4_the_wait_ends_although_the_peer_sent_more_than_is_ever_taken() {
    async fn wait(mut socket: WebSocket, notes: Notes) {
        notes.write(format!("{:?}", socket.closed().await.cause()));
        let mut taken = 0;
        while socket.receive().await.is_some() {
            taken += 1;
        }
        notes.write(taken);
    }
    let (notes, mut reader) = notes();
    let mut options = Options::default();
    options.hook_timeout = Duration::from_millis(40);
    let function = move |socket: WebSocket| wait(socket, notes.clone());
    let server = serve(Router::new().route("/", function.options(options))).await;
    let mut client = server.connect("/").await;
    for _ in 0..40 {
        client.send("again").await;
    }
    drop(client);
    assert_eq!(reader.next().await, format!("{:?}", Cause::HookTimeout));
    assert_eq!(
        reader.next().await,
        "16",
        "what was read before is not lost"
    );
    server.empty().await;
}

#[tokio::test]
async fn k4_departure_is_noticed_while_the_handler_does_something_else() {
    let (server, mut reader) = with_notes(async |socket: WebSocket, notes: Notes| {
        let forever = std::future::pending::<()>();
        tokio::select! {
            () = forever => {}
            end = socket.closed() => notes.write(format!("{:?}", end.cause())),
        }
        Ok(())
    })
    .await;
    drop(server.connect("/").await);
    assert_eq!(reader.next().await, format!("{:?}", Cause::PeerLost));
}

#[tokio::test]
async fn k4_a_receive_that_is_given_up_has_taken_nothing() {
    let (server, mut reader) = with_notes(async |mut socket: WebSocket, notes: Notes| {
        assert!(
            socket.receive().now_or_never().is_none(),
            "nothing is there"
        );
        socket.send("ask");
        let message = loop {
            // Given up at its first wait, over and over.
            match socket.receive().now_or_never() {
                Some(message) => break message,
                None => tokio::task::yield_now().await,
            }
        };
        notes.write(format!("{message:?}"));
        Ok(())
    })
    .await;
    let mut client = server.connect("/").await;
    assert_eq!(client.text().await, "ask");
    client.send("the only one").await;
    assert_eq!(reader.next().await, r#"Some(Text("the only one"))"#);
}

#[tokio::test]
async fn k4_close_is_idempotent_and_the_first_one_counts() {
    let (server, mut reader) = with_notes(async |socket: WebSocket, notes: Notes| {
        socket.send("before");
        socket.close(CloseCode::new(4001), "first");
        socket.close(CloseCode::new(4002), "second");
        socket.sender().close(CloseCode::NORMAL, "third");
        notes.write(socket.closed().await.reason());
        socket.close(CloseCode::NORMAL, "much later");
        Ok(())
    })
    .await;
    let mut client = server.connect("/").await;
    assert_eq!(client.text().await, "before");
    assert_eq!(client.closed().await, Some((4001, "first".to_owned())));
    assert_eq!(reader.next().await, "first");
    server.empty().await;
}

#[tokio::test]
async fn k4_a_close_counts_although_the_handler_returns_or_fails_at_once() {
    async fn returns(socket: WebSocket) {
        socket.close(CloseCode::new(4001), "asked");
    }
    async fn fails(socket: WebSocket) -> Result<()> {
        socket.close(CloseCode::new(4001), "asked");
        Err(sockeye::Error::new("and then it failed"))
    }
    let routes = Router::new()
        .route("/returns", returns)
        .route("/fails", fails);
    let server = serve(routes).await;
    for path in ["/returns", "/fails"] {
        let mut client = server.connect(path).await;
        assert_eq!(
            client.closed().await,
            Some((4001, "asked".to_owned())),
            "{path}"
        );
    }
}

#[tokio::test]
async fn k4_nothing_is_sent_after_a_close() {
    let (server, mut reader) = with_notes(async |socket: WebSocket, notes: Notes| {
        let sender = socket.sender();
        assert!(sender.is_open());
        socket.close(CloseCode::NORMAL, "");
        assert!(!sender.is_open());
        socket.send("logged and forgotten");
        let sent = [
            socket.try_send("too late"),
            sender.try_send("too late"),
            socket.send_text("too late").await,
            sender.send("too late").await,
        ];
        for sent in sent {
            assert_eq!(sent.unwrap_err().kind(), ErrorKind::Closed);
        }
        notes.write("refused");
        Ok(())
    })
    .await;
    let mut client = server.connect("/").await;
    assert_eq!(
        client.frame().await.map(|frame| frame.is_close()),
        Some(true)
    );
    assert_eq!(reader.next().await, "refused");
}

#[tokio::test]
async fn k4_no_message_is_handled_after_a_close_even_if_it_came_with_the_last() {
    struct Once(Notes);
    impl Handler for Once {
        type Incoming = String;
        type Outgoing = String;

        async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
            self.0.write(text);
            cx.close(CloseCode::NORMAL, "one is enough");
            Ok(())
        }
    }
    let (notes, mut reader) = notes();
    let server = serve(Router::new().route("/", endpoint(move || Once(notes.clone())))).await;
    let mut raw = server.raw().await;
    raw.upgrade("/").await;
    let pair = [Raw::masked(0x81, b"one"), Raw::masked(0x81, b"two")].concat();
    raw.write(&pair).await;
    let (opcode, payload) = raw.frame().await.expect("a close frame");
    assert_eq!((opcode, &payload[2..]), (0x88, &b"one is enough"[..]));
    drop(raw);
    server.empty().await;
    assert_eq!(reader.rest(), ["one"]);
}

#[tokio::test]
async fn k4_sending_structured_values_that_have_no_json_fails_alone() {
    let (server, _reader) = with_notes(async |socket: WebSocket, _: Notes| {
        let unwritable = std::collections::HashMap::from([(vec![1], 2)]);
        let error = socket.send_json(&unwritable).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encoding);
        socket.send_json(&json!({ "still": "here" })).await
    })
    .await;
    let mut client = server.connect("/").await;
    assert_eq!(client.json().await, json!({ "still": "here" }));
    assert_eq!(client.closed().await, Some((1000, String::new())));
}
