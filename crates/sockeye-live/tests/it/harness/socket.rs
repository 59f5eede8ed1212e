//! Socket: a client of a model's socket, by an ordinary WebSocket.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::harness::within;

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects, or gives the status that it was refused with.
    pub(crate) async fn open(
        address: SocketAddr,
        path: &str,
        user: Option<&str>,
    ) -> Result<Self, u16> {
        let mut request = format!("ws://{address}{path}")
            .into_client_request()
            .unwrap();
        if let Some(user) = user {
            let token = format!("Bearer {user}").parse().unwrap();
            request.headers_mut().insert(AUTHORIZATION, token);
        }
        match within("a handshake", connect_async(request)).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(other) => panic!("no handshake: {other}"),
        }
    }

    pub(crate) async fn send(&mut self, text: impl Into<String>) {
        self.0.send(Message::text(text.into())).await.unwrap();
    }

    pub(crate) async fn send_bytes(&mut self, bytes: Vec<u8>) {
        self.0.send(Message::binary(bytes)).await.unwrap();
    }

    /// Asks for a model's changes.
    pub(crate) async fn ask(&mut self, resource: &str, payload: Value) {
        let request = json!({ "action": "subscribe", "resource": resource, "payload": payload });
        self.send(request.to_string()).await;
    }

    /// Asks for a model's changes, and gives what it is told then.
    pub(crate) async fn subscribe(&mut self, resource: &str, payload: Value) -> Value {
        self.ask(resource, payload).await;
        let answer = self.json().await;
        assert_eq!(answer["action"], "subscribed", "{answer}");
        answer
    }

    /// The next message.
    pub(crate) async fn text(&mut self) -> String {
        match self.next().await {
            Message::Text(text) => text.to_string(),
            other => panic!("expected a text, found {other:?}"),
        }
    }

    pub(crate) async fn json(&mut self) -> Value {
        let text = self.text().await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text:?}"))
    }

    /// The code that the server closes with.
    pub(crate) async fn closed(&mut self) -> u16 {
        match self.next().await {
            Message::Close(Some(frame)) => frame.code.into(),
            other => panic!("expected a close, found {other:?}"),
        }
    }

    /// Has the server answer, so that all it had to say before is here; fails if that is anything.
    pub(crate) async fn is_quiet(&mut self) {
        self.send("still there?").await;
        let answer = self.json().await;
        assert_eq!(
            answer,
            json!({ "message": "Received", "data": "still there?" })
        );
    }

    async fn next(&mut self) -> Message {
        loop {
            let message = within("a message", self.0.next()).await;
            match message
                .expect("the server has gone without a close")
                .unwrap()
            {
                Message::Ping(_) | Message::Pong(_) => {}
                other => return other,
            }
        }
    }
}
