//! Client: an ordinary WebSocket client, of another make than ours.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message as Wire;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::harness::within;

pub(crate) struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    pub(crate) async fn connect(url: &str) -> Self {
        let (stream, _) = within("a handshake", connect_async(url)).await.unwrap();
        Self(stream)
    }

    pub(crate) async fn send(&mut self, text: impl Into<String>) {
        self.0.send(Wire::text(text.into())).await.unwrap();
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Wire {
        let messages = &mut self.0;
        let mut messages = messages.filter(|frame| {
            let is_beat = matches!(frame, Ok(Wire::Ping(_) | Wire::Pong(_)));
            std::future::ready(!is_beat)
        });
        match within("a message", messages.next()).await {
            Some(Ok(message)) => message,
            other => panic!("expected a message, found {other:?}"),
        }
    }

    /// The next message, which must be text.
    pub(crate) async fn text(&mut self) -> String {
        match self.next().await {
            Wire::Text(text) => text.to_string(),
            other => panic!("expected text, found {other:?}"),
        }
    }

    /// The next message, which must be JSON.
    pub(crate) async fn json(&mut self) -> serde_json::Value {
        serde_json::from_str(&self.text().await).unwrap()
    }

    /// Sends a command and checks its answer.
    pub(crate) async fn does(&mut self, command: &str, answer: &str) {
        self.send(command).await;
        assert_eq!(self.text().await, answer);
    }

    pub(crate) async fn join(&mut self, room: &str) {
        self.does(&format!("join {room}"), &format!("joined {room}"))
            .await;
    }

    pub(crate) async fn leave(&mut self, room: &str) {
        self.does(&format!("leave {room}"), &format!("left {room}"))
            .await;
    }

    /// Checks that nothing has come, as far as the server has answered.
    pub(crate) async fn has_heard_all(&mut self) {
        self.does("echo nothing", "nothing").await;
    }
}
