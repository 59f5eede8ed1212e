//! Probe: a trait handler and a function handler that live by a script.

use std::future::pending;
use std::sync::Arc;

use sockeye::{Context, Disconnect, Error, Handler, Handshake, Rejection, Result, WebSocket};

use crate::lifecycle::Phase;
use crate::lifecycle::script::{Event, Script};

pub(super) struct Probe(pub(super) Arc<Script>);

/// What a text makes a hook do, beyond what the script says.
async fn obey(text: &str) -> Result<()> {
    match text {
        "panic" => panic!("as the peer wants it"),
        "fail" => Err(Error::new("as the peer wants it")),
        "hang" => pending().await,
        _ => Ok(()),
    }
}

impl Handler for Probe {
    type Incoming = String;
    type Outgoing = String;

    async fn on_handshake(&mut self, _: &mut Handshake) -> Result<(), Rejection> {
        let waited = self.0.wait(Phase::Handshake).await;
        waited.map_err(|_| Rejection::forbidden("as the script wants it"))
    }

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        self.0.begin(cx).await?;
        let (script, sender) = (Arc::clone(&self.0), cx.sender());
        tokio::spawn(async move { script.fill(&sender).await });
        self.0.wait(Phase::Connect).await
    }

    async fn on_message(&mut self, _: &mut Context<Self>, text: String) -> Result<()> {
        obey(&text).await?;
        self.0.wait(Phase::Message).await
    }

    async fn on_disconnect(&mut self, _: &mut Context<Self>, disconnect: Disconnect) {
        self.0.note_end(&disconnect);
        // It has no way to fail; what the script wants is a panic at most.
        let _ = self.0.wait(Phase::Disconnect).await;
    }
}

/// Receives until the end; sends until nothing can be sent any more, when it is to fill its outbox.
pub(super) async fn probe(mut socket: WebSocket, script: Arc<Script>) -> Result<()> {
    script.begin(&socket).await?;
    let _dropped = script.note_at_drop(Event::Dropped);
    script.wait(Phase::Connect).await?;
    script.fill(&socket.sender()).await;
    while let Some(text) = socket.receive_text().await? {
        obey(&text).await?;
    }
    script.note_end(&socket.closed().await);
    script.wait(Phase::Disconnect).await
}
