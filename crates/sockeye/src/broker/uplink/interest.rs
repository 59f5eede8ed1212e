//! Interest: the topics that this node wants to hear of, and what the broker has still to be asked about them.

use std::collections::VecDeque;
use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use crate::error::Result;

/// Topics in one call of a session.
pub(crate) const TOPICS_MAX: usize = 512;

/// What one node wants. Bounded by its members' groups, as what is asked is.
pub(crate) struct Interest {
    wishes: Mutex<Wishes>,
    asked: Notify,
}

struct Wishes {
    wanted: HashSet<Arc<str>>,
    /// Whether there is no session that could be asked.
    is_away: bool,
    asks: VecDeque<Ask>,
}

/// One thing to ask the broker for.
pub(crate) struct Ask {
    pub(crate) topic: Arc<str>,
    pub(crate) wish: Wish,
    answer: oneshot::Sender<Result<()>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Subscribe,
    Unsubscribe,
}

impl Ask {
    /// Tells whoever asked; it may have gone.
    pub(crate) fn answer(self, answer: Result<()>) {
        let _ = self.answer.send(answer);
    }
}

impl Interest {
    /// A node that wants nothing yet; what it asks for waits for the first session.
    pub(crate) fn new() -> Self {
        let wishes = Wishes {
            wanted: HashSet::new(),
            is_away: false,
            asks: VecDeque::new(),
        };
        Self {
            wishes: Mutex::new(wishes),
            asked: Notify::new(),
        }
    }

    /// Wants a topic, and waits until its subscription is live. Without a session it only waits for one to come, and
    /// this finishes at once, after `later`.
    ///
    /// # Errors
    /// When the broker refuses. The next session is asked again, until [`unsubscribe`](Self::unsubscribe).
    ///
    /// # Cancel safety
    /// Dropped, the topic is wanted all the same, until [`unsubscribe`](Self::unsubscribe).
    pub(crate) async fn subscribe(&self, topic: &Arc<str>, later: impl FnOnce()) -> Result<()> {
        let answered = {
            let mut wishes = self.wishes.lock();
            wishes.wanted.insert(Arc::clone(topic));
            if wishes.is_away {
                later();
                return Ok(());
            }
            wishes.ask(topic, Wish::Subscribe)
        };
        self.wait(answered).await
    }

    /// Wants a topic no more, and waits until its subscription has ended.
    pub(crate) async fn unsubscribe(&self, topic: &Arc<str>) -> Result<()> {
        let answered = {
            let mut wishes = self.wishes.lock();
            wishes.wanted.remove(topic);
            if wishes.is_away {
                return Ok(());
            }
            wishes.ask(topic, Wish::Unsubscribe)
        };
        self.wait(answered).await
    }

    async fn wait(&self, answered: oneshot::Receiver<Result<()>>) -> Result<()> {
        self.asked.notify_one();
        // The session has ended: the next one begins with all that is wanted.
        answered.await.unwrap_or(Ok(()))
    }

    /// The session is over: what was asked of it is asked of the next one.
    pub(crate) fn go_away(&self) {
        let mut wishes = self.wishes.lock();
        wishes.is_away = true;
        // Who waits is told by its channel's end, once the lock is free.
        let asks = std::mem::take(&mut wishes.asks);
        drop(wishes);
        drop(asks);
    }

    /// A session begins: gives what it must subscribe to before anything that is asked from now on.
    pub(crate) fn come_back(&self) -> Vec<Arc<str>> {
        let mut wishes = self.wishes.lock();
        wishes.is_away = false;
        let asked: HashSet<_> = wishes.asks.iter().map(|ask| &ask.topic).collect();
        let wanted = wishes.wanted.iter();
        wanted
            .filter(|topic| !asked.contains(topic))
            .cloned()
            .collect()
    }

    /// What is asked next: some of one kind, in order; waits until there is something.
    ///
    /// # Cancel safety
    /// Dropped, it has taken nothing.
    pub(crate) async fn next(&self) -> Vec<Ask> {
        loop {
            let next = self.wishes.lock().next();
            if !next.is_empty() {
                return next;
            }
            self.asked.notified().await;
        }
    }

    /// How many topics are wanted.
    pub(crate) fn len(&self) -> usize {
        self.wishes.lock().wanted.len()
    }
}

impl Wishes {
    fn ask(&mut self, topic: &Arc<str>, wish: Wish) -> oneshot::Receiver<Result<()>> {
        let (answer, answered) = oneshot::channel();
        self.asks.push_back(Ask {
            topic: Arc::clone(topic),
            wish,
            answer,
        });
        answered
    }

    fn next(&mut self) -> Vec<Ask> {
        let Some(wish) = self.asks.front().map(|ask| ask.wish) else {
            return Vec::new();
        };
        let alike = self.asks.iter().take_while(|ask| ask.wish == wish);
        let count = alike.take(TOPICS_MAX).count();
        self.asks.drain(..count).collect()
    }
}
