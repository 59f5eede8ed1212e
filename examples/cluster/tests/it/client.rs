//! Client: somebody in a room of the chat, by an ordinary WebSocket.

use std::collections::HashSet;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::PATIENCE;

pub(crate) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Who was there when this one came, in alphabetical order.
    pub(crate) members: Vec<String>,
    /// Of whom it knows, by id.
    known: HashSet<String>,
}

impl Client {
    /// Enters a room of the node at that address.
    pub(crate) async fn enter(address: &str, room: &str, name: &str) -> Self {
        let url = format!("ws://{address}/chat/{room}?name={name}");
        let connecting = timeout(PATIENCE, connect_async(url)).await;
        let (socket, _) = connecting.expect("no handshake").unwrap();
        let mut client = Self {
            socket,
            members: Vec::new(),
            known: HashSet::new(),
        };
        let welcome = client.next().await;
        assert_eq!(welcome["action"], "welcome");
        for member in welcome["payload"]["members"].as_array().unwrap() {
            client.members.push(text(&member["name"]));
            client.known.insert(text(&member["id"]));
        }
        client.members.sort();
        client
    }

    /// The next message.
    async fn next(&mut self) -> Value {
        loop {
            let frame = timeout(PATIENCE, self.socket.next()).await;
            match frame.expect("no message") {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("expected a message, found {other:?}"),
            }
        }
    }

    /// Who does what, as the next message tells: `bob joined`, `ada said hello`. That somebody is here of whom it knows is no
    /// news, as it is none to the page.
    pub(crate) async fn news(&mut self) -> String {
        loop {
            let message = self.next().await;
            let (action, payload) = (text(&message["action"]), &message["payload"]);
            let (id, name) = (text(&payload["id"]), text(&payload["name"]));
            return match &*action {
                "joined" if !self.known.insert(id) => continue,
                "said" => format!("{name} said {}", text(&payload["text"])),
                "renamed" => format!("{} renamed {name}", text(&payload["was"])),
                _ => format!("{name} {action}"),
            };
        }
    }

    /// The next news must be this.
    pub(crate) async fn hears(&mut self, news: &str) {
        assert_eq!(self.news().await, news);
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.send(&json!({ "action": "say", "payload": { "text": text } }))
            .await;
    }

    pub(crate) async fn rename(&mut self, name: &str) {
        self.send(&json!({ "action": "rename", "payload": { "name": name } }))
            .await;
    }

    async fn send(&mut self, message: &Value) {
        let message = Message::text(message.to_string());
        self.socket.send(message).await.unwrap();
    }

    /// Goes as a page does that is closed.
    pub(crate) async fn leave(mut self) {
        self.socket.close(None).await.unwrap();
        while let Some(Ok(_)) = self.socket.next().await {}
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("?").to_owned()
}
