//! Member: a client in groups, and all that it has heard.

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::message::RawMessage;
use crate::testing::TestClient;
use crate::testing::broker::stage::{Stage, group};

pub(super) struct Member {
    client: TestClient,
    pub(super) heard: Vec<Heard>,
    /// Answers to its commands, the oldest first.
    answers: Vec<String>,
}

/// What reached a member, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Text(String),
    Bytes(Bytes),
    /// Something of this group is missing.
    Gap(String),
}

impl Heard {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(_) | Self::Gap(_) => None,
        }
    }
}

impl Member {
    pub(super) fn new(client: TestClient) -> Self {
        Self {
            client,
            heard: Vec::new(),
            answers: Vec::new(),
        }
    }

    pub(super) async fn join(&mut self, name: &str) -> Result<()> {
        self.obey("join", name).await
    }

    pub(super) async fn leave(&mut self, name: &str) -> Result<()> {
        self.obey("leave", name).await
    }

    async fn obey(&mut self, word: &str, name: &str) -> Result<()> {
        self.client.send_text(&format!("{word} {name}"));
        loop {
            self.take();
            match self.answers.pop().as_deref() {
                Some("#done") => return Ok(()),
                Some(other) => return Err(Error::new(format!("cannot {word} {name}: {other}"))),
                None => self.more().await?,
            }
        }
    }

    /// Waits until what it has heard so far is enough.
    pub(super) async fn until(
        &mut self,
        stage: &Stage,
        what: &str,
        enough: impl FnMut(&[Heard]) -> bool,
    ) -> Result<()> {
        let waited = tokio::time::timeout(stage.patience, self.listen(enough)).await;
        waited.unwrap_or_else(|_| {
            let (count, last) = (self.heard.len(), self.heard.last());
            Err(Error::new(format!(
                "a member waited for {what}; it heard {count} messages, the last was {last:?}"
            )))
        })
    }

    async fn listen(&mut self, mut enough: impl FnMut(&[Heard]) -> bool) -> Result<()> {
        loop {
            self.take();
            if enough(&self.heard) {
                return Ok(());
            }
            self.more().await?;
        }
    }

    pub(super) async fn hears(&mut self, stage: &Stage, text: &str) -> Result<()> {
        let is_text = |heard: &Heard| matches!(heard, Heard::Text(heard) if heard == text);
        self.until(stage, &format!("{text:?}"), |heard| {
            heard.iter().any(is_text)
        })
        .await
    }

    pub(super) async fn hears_of_a_gap(&mut self, stage: &Stage, name: &str) -> Result<()> {
        let gap = Heard::Gap(group(name)?.to_string());
        self.until(stage, &format!("a gap in {name}"), |heard| {
            heard.contains(&gap)
        })
        .await
    }

    /// The texts among what it has heard.
    pub(super) fn texts(&mut self) -> Vec<&str> {
        self.take();
        self.heard.iter().filter_map(Heard::text).collect()
    }

    pub(super) fn gaps(&mut self) -> usize {
        self.take();
        let is_gap = |heard: &&Heard| matches!(heard, Heard::Gap(_));
        self.heard.iter().filter(is_gap).count()
    }

    /// Takes in what has come.
    pub(super) fn take(&mut self) {
        while let Some(message) = self.client.session.take() {
            match message {
                RawMessage::Text(text) => match text.strip_prefix("#gap ") {
                    Some(group) => self.heard.push(Heard::Gap(group.to_owned())),
                    None if text.starts_with('#') => self.answers.push(text),
                    None => self.heard.push(Heard::Text(text)),
                },
                RawMessage::Binary(bytes) => self.heard.push(Heard::Bytes(bytes)),
            }
        }
    }

    async fn more(&self) -> Result<()> {
        if self.client.session.is_closed() {
            let story = self.client.session.story();
            return Err(Error::new(format!("a member's connection ended: {story}")));
        }
        self.client.session.news().await;
        Ok(())
    }
}
