//! Viewer: somebody who watches the products, and comes back to where it was each time that the server is gone.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long anything may take; no outcome depends on being faster.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
pub(crate) struct Viewer {
    socket: Option<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    names: BTreeSet<String>,
    /// The position up to which it knows all, and the view that it knows.
    here: Option<(i64, String)>,
}

impl Viewer {
    pub(crate) fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// Comes, or comes back and goes on where it was.
    pub(crate) async fn connect(&mut self, address: &str) {
        let url = format!("ws://{address}/ws/products");
        let connected = timeout(PATIENCE, connect_async(url)).await;
        let (mut socket, _) = connected.expect("no handshake").unwrap();
        let mut payload = json!({});
        if let Some((position, view)) = &self.here {
            payload = json!({ "since": position, "view": view });
        }
        let request = json!({ "action": "subscribe", "resource": "products", "payload": payload });
        socket
            .send(Message::text(request.to_string()))
            .await
            .unwrap();
        self.socket = Some(socket);
        let answer = self.next().await.expect("it is gone at once");
        let told = &answer["payload"];
        assert_eq!(answer["action"], "subscribed", "{answer}");
        match &self.here {
            Some(_) => assert_eq!(told["resumed"], true, "{answer}"),
            None => {
                let view = told["view"].as_str().unwrap().to_owned();
                self.here = Some((told["position"].as_i64().unwrap(), view));
            }
        }
    }

    /// Hears what comes in a while.
    pub(crate) async fn hear_for(&mut self, while_: Duration) {
        // That the time is over is no fault.
        let _ = timeout(while_, async { while self.hear().await {} }).await;
    }

    /// Hears what had been sent before the server was gone.
    pub(crate) async fn hear_the_rest(&mut self) {
        while self.hear().await {}
    }

    pub(crate) async fn hear_until(&mut self, many: usize) {
        while self.names.len() < many {
            assert!(self.hear().await, "the server is gone");
        }
    }

    /// Takes an event; false when there are no more.
    ///
    /// # Cancel safety
    /// Dropped early, it has taken nothing.
    async fn hear(&mut self) -> bool {
        let Some(event) = self.next().await else {
            return false;
        };
        assert_eq!(event["event"], "created", "{event}");
        let position = event["position"].as_i64().unwrap();
        let (here, _) = self.here.as_mut().unwrap();
        assert!(position > *here, "{event} after {here}");
        *here = position;
        let name = event["data"]["name"].as_str().unwrap().to_owned();
        assert!(self.names.insert(name), "told twice: {event}");
        true
    }

    async fn next(&mut self) -> Option<Value> {
        let socket = self.socket.as_mut()?;
        loop {
            match timeout(PATIENCE, socket.next())
                .await
                .expect("nothing comes")
            {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(other)) => panic!("expected an event, found {other:?}"),
                Some(Err(_)) | None => return None,
            }
        }
    }
}
