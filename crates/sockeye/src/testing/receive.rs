//! Receiving in a test: messages as they come or as a type, all of them, and the ends that are expected.

use std::future::Future;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::message::{Incoming, Json, RawMessage};
use crate::testing::client::TestClient;
use crate::testing::closed::Closed;
use crate::testing::history::excerpt;
use crate::testing::patience::Patience;

/// What all methods that wait have in common:
///
/// # Panics
/// When what is waited for does not come within the client's patience, the connection ends instead, or something else
/// comes. The text tells the line of the test, what was waited for and all that was received.
///
/// # Cancel safety
/// Dropped before it finishes, a wait for one message has taken nothing.
impl TestClient {
    /// The next message of any kind.
    ///
    /// # Panics
    /// When none comes.
    #[track_caller]
    pub fn receive(&mut self) -> impl Future<Output = RawMessage> {
        let patience = self.waiting();
        async move { self.next("a message", patience).await }
    }

    /// The next message, which must be text.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn receive_text(&mut self) -> impl Future<Output = String> {
        self.expect_as("a text message")
    }

    /// The next message, which must be binary.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn receive_bytes(&mut self) -> impl Future<Output = Bytes> {
        self.expect_as("a binary message")
    }

    /// The next message, which must be JSON and give a `T`; any JSON is a `serde_json::Value`.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn receive_json<T>(&mut self) -> impl Future<Output = T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let received = self.expect_as::<Json<T>>("JSON");
        async move { received.await.0 }
    }

    /// The next message, which must be of a type that a handler can take.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn expect<T: Incoming>(&mut self) -> impl Future<Output = T> {
        self.expect_as(std::any::type_name::<T>())
    }

    /// All messages up to a completion message, `{"action":"complete"}`, which is not among them; without one, all until
    /// the [server has come to rest](Self::settled), or the connection is over.
    ///
    /// # Panics
    /// When the server does not come to rest, or a message is no `T`.
    #[track_caller]
    pub fn receive_all<T: Incoming>(&mut self) -> impl Future<Output = Vec<T>> {
        let patience = self.waiting();
        async move {
            let story = || self.session.story();
            let what = "completion, or the server to come to rest";
            let all = patience.wait(what, story, self.all()).await;
            self.read_all(&all, patience)
        }
    }

    /// All messages up to the first with this action, which is the last of them.
    ///
    /// # Panics
    /// When it does not come, or a message is no `T`.
    #[track_caller]
    pub fn receive_all_until<T: Incoming>(&mut self, last: &str) -> impl Future<Output = Vec<T>> {
        let patience = self.waiting();
        let what = format!("a message with the action {last:?}");
        async move {
            let mut all = Vec::new();
            let mut found = false;
            while !found {
                let message = self.next(&what, patience).await;
                found = self.dialect.action(&message).as_deref() == Some(last);
                all.push(message);
            }
            self.read_all(&all, patience)
        }
    }

    /// Asserts that nothing has come by the time that the [server has come to rest](Self::settled).
    ///
    /// # Panics
    /// When something has, or the connection is over.
    #[track_caller]
    pub fn assert_silent(&mut self) -> impl Future<Output = ()> {
        let patience = self.waiting();
        async move {
            let settled = self.floor.settle();
            let story = || self.session.story();
            patience
                .wait("the server to come to rest", story, settled)
                .await;
            if let Some(message) = self.session.take() {
                patience.fail(&format!("expected silence, received {}", excerpt(&message)));
            }
            if self.session.is_closed() {
                patience.fail(&format!("expected silence; {}", self.session.story()));
            }
        }
    }

    /// Asserts that the next message is an authentication frame with status 200; gives its `data`.
    ///
    /// # Panics
    /// When it is another, or none comes.
    #[track_caller]
    pub fn assert_authenticated(&mut self) -> impl Future<Output = Value> {
        let patience = self.waiting();
        async move {
            let message = self.next("an authentication frame", patience).await;
            match self.dialect.authentication(&message) {
                Some((200, data)) => data,
                _ => patience.fail(&format!(
                    "expected an authentication frame with status 200, received {}",
                    excerpt(&message)
                )),
            }
        }
    }

    /// Asserts that the client, which was accepted only to be told so, is refused: by a close with 4000 + `status`,
    /// and by an authentication frame with that status if there is one; gives its `data`, else null. Refusals by HTTP are
    /// seen by [`try_connect`](crate::testing::TestHandshake::try_connect).
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn assert_refused(&mut self, status: u16) -> impl Future<Output = Value> {
        let patience = self.waiting();
        async move {
            let closed = self.ended("a refusal", patience).await;
            if closed.code.map(u16::from) != Some(4000 + status) {
                let story = self.session.story();
                patience.fail(&format!("expected a refusal with {status}; {story}"));
            }
            let Some(message) = self.session.take() else {
                return Value::Null;
            };
            match self.dialect.authentication(&message) {
                Some((found, data)) if found == u64::from(status) => data,
                _ => patience.fail(&format!(
                    "expected an authentication frame with status {status}, received {}",
                    excerpt(&message)
                )),
            }
        }
    }

    /// Asserts that the server closes the connection with this code; gives the reason. Messages that came before can
    /// still be received.
    ///
    /// # Panics
    /// When it ends otherwise, or not at all.
    #[track_caller]
    pub fn assert_closed(&mut self, code: u16) -> impl Future<Output = String> {
        let patience = self.waiting();
        async move {
            let closed = self.ended(&format!("a close with {code}"), patience).await;
            if closed.code.map(u16::from) != Some(code) {
                let story = self.session.story();
                patience.fail(&format!("expected a close with {code}; {story}"));
            }
            closed.reason
        }
    }

    /// Waits for the end, whatever it is.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn closed(&mut self) -> impl Future<Output = Closed> {
        let patience = self.waiting();
        async move { self.ended("the end of the connection", patience).await }
    }

    #[track_caller]
    fn expect_as<T: Incoming>(&mut self, what: &'static str) -> impl Future<Output = T> {
        let patience = self.waiting();
        async move {
            let message = self.next(what, patience).await;
            self.read(&message, what, patience)
        }
    }

    async fn next(&self, what: &str, patience: Patience) -> RawMessage {
        let story = || self.session.story();
        let message = patience.wait(what, story, self.session.next()).await;
        message.unwrap_or_else(|| patience.fail(&format!("waited for {what}; {}", story())))
    }

    fn read<T: Incoming>(&self, message: &RawMessage, what: &str, patience: Patience) -> T {
        let read = self.dialect.read(message);
        read.unwrap_or_else(|why| patience.fail(&format!("expected {what}, received {why}")))
    }

    fn read_all<T: Incoming>(&self, all: &[RawMessage], patience: Patience) -> Vec<T> {
        let what = std::any::type_name::<T>();
        let read = |message| self.read(message, what, patience);
        all.iter().map(read).collect()
    }

    /// The messages up to completion, or to the rest of the server.
    async fn all(&self) -> Vec<RawMessage> {
        let mut all = Vec::new();
        while let Some(message) = self.next_before_rest().await {
            if self.dialect.action(&message).as_deref() == Some("complete") {
                break;
            }
            all.push(message);
        }
        all
    }

    async fn ended(&self, what: &str, patience: Patience) -> Closed {
        let story = || self.session.story();
        patience.wait(what, story, self.session.closed()).await
    }

    /// The next message; `None` when there is none, and none will come by itself.
    async fn next_before_rest(&self) -> Option<RawMessage> {
        loop {
            if let Some(message) = self.session.take() {
                return Some(message);
            }
            if self.session.is_closed() {
                return None;
            }
            tokio::select! {
                () = self.session.news() => {}
                () = self.floor.settle() => return self.session.take(),
            }
        }
    }
}
