//! Reader: the one task of a session, which hands in what arrives on all of its subscriptions.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_nats::{Client, Message, Subscriber};
use futures_util::stream::{AbortHandle, Abortable, SelectAll, Stream, StreamExt, abortable};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use crate::watch::Watch;

/// How often it is told that messages were lost: every lost one is an event, and all members hear of it.
const TELLING: Duration = Duration::from_millis(100);

/// The messages of one subscription, until it is aborted.
pub(crate) struct Feed {
    /// None: the session's own probes.
    topic: Option<Arc<str>>,
    messages: Abortable<Subscriber>,
}

impl Feed {
    pub(crate) fn new(topic: Option<Arc<str>>, subscriber: Subscriber) -> (Self, AbortHandle) {
        let (messages, end) = abortable(subscriber);
        (Self { topic, messages }, end)
    }
}

impl Stream for Feed {
    type Item = (Option<Arc<str>>, Message);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let message = Pin::new(&mut self.messages).poll_next(cx);
        message.map(|message| Some((self.topic.clone(), message?)))
    }
}

pub(crate) struct Reader {
    pub(crate) client: Client,
    pub(crate) watch: Arc<Watch>,
    pub(crate) feeds: SelectAll<Feed>,
    /// New ones. Closed when nobody holds the session any more.
    pub(crate) arrivals: mpsc::Receiver<Vec<Feed>>,
}

impl Reader {
    pub(crate) async fn run(mut self) {
        let mut has_lost = false;
        let mut telling = interval(TELLING);
        telling.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                arrived = self.arrivals.recv() => match arrived {
                    Some(feeds) => self.feeds.extend(feeds),
                    None => break,
                },
                message = self.feeds.next() => match message {
                    Some((topic, message)) => self.hand_in(topic, &message),
                    None => break,
                },
                () = self.watch.lost.notified(), if !has_lost => has_lost = true,
                _ = telling.tick(), if has_lost => {
                    has_lost = false;
                    self.watch.inbound.missed("a topic's messages came faster than they were read");
                }
                () = self.watch.over.notified() => break,
            }
        }
        self.watch.end("the connection ended");
        self.close().await;
    }

    fn hand_in(&self, topic: Option<Arc<str>>, message: &Message) {
        match topic {
            Some(topic) => self.watch.inbound.message(&topic, &message.payload),
            None => self.watch.probes.land(&message.payload),
        }
    }

    /// Has async-nats close the connection, and waits until it has let go of all subscriptions: each of them that were
    /// dropped before would send a command of its own.
    async fn close(mut self) {
        // An error says that it is closed already.
        let _ = self.client.drain().await;
        self.arrivals.close();
        while let Some(feeds) = self.arrivals.recv().await {
            self.feeds.extend(feeds);
        }
        while self.feeds.next().await.is_some() {}
    }
}
