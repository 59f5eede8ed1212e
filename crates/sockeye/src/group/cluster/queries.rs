//! Queries: what this node has asked all others, until everybody has answered.

use std::time::Duration;

use foldhash::{HashMap, HashMapExt, HashSet};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::group::cluster::notice::Reply;
use crate::id::NodeId;

/// How long others may take: many times the way there and back. One that hangs or has just died is not waited for.
const ANSWERS_MAX: Duration = Duration::from_secs(1);

/// Queries at once; more are answered by what is known here.
const QUERIES_MAX: usize = 4096;

/// The queries under way, by number.
#[derive(Debug)]
pub(crate) struct Queries(Mutex<Open>);

#[derive(Debug)]
struct Open {
    next: u64,
    queries: HashMap<u64, Query>,
}

#[derive(Debug)]
struct Query {
    awaited: HashSet<NodeId>,
    replies: Vec<(NodeId, Reply)>,
    done: Option<oneshot::Sender<()>>,
}

impl Queries {
    pub(crate) fn new() -> Self {
        let queries = HashMap::new();
        Self(Mutex::new(Open { next: 1, queries }))
    }

    /// Asks, by sending the number that `send` is given, and waits for the answers of `nodes`. `None` when nobody is asked,
    /// because too much is asked already.
    ///
    /// # Cancel safety
    /// Dropped, the query is forgotten.
    pub(crate) async fn ask(
        &self,
        nodes: Vec<NodeId>,
        send: impl FnOnce(u64),
    ) -> Option<Vec<(NodeId, Reply)>> {
        if nodes.is_empty() {
            return Some(Vec::new());
        }
        let (asked, answered) = self.open(nodes)?;
        send(asked.id);
        // Who has not answered in time is left out.
        let _ = timeout(ANSWERS_MAX, answered).await;
        Some(asked.replies())
    }

    fn open(&self, nodes: Vec<NodeId>) -> Option<(Asked<'_>, oneshot::Receiver<()>)> {
        let mut open = self.0.lock();
        if open.queries.len() >= QUERIES_MAX {
            return None;
        }
        let id = open.next;
        open.next += 1;
        let (done, answered) = oneshot::channel();
        let query = Query {
            awaited: nodes.into_iter().collect(),
            replies: Vec::new(),
            done: Some(done),
        };
        open.queries.insert(id, query);
        Some((Asked { queries: self, id }, answered))
    }

    /// Takes an answer, or a part of one.
    pub(crate) fn answer(&self, id: u64, node: NodeId, reply: Reply, last: bool) {
        let mut open = self.0.lock();
        let Some(query) = open.queries.get_mut(&id) else {
            return;
        };
        if !query.awaited.contains(&node) {
            return;
        }
        query.replies.push((node, reply));
        if last {
            query.awaited.remove(&node);
        }
        if query.awaited.is_empty()
            && let Some(done) = query.done.take()
        {
            // Nobody may be waiting any more.
            let _ = done.send(());
        }
    }
}

/// A query under way; dropped, it is forgotten.
struct Asked<'a> {
    queries: &'a Queries,
    id: u64,
}

impl Asked<'_> {
    fn replies(self) -> Vec<(NodeId, Reply)> {
        let mut open = self.queries.0.lock();
        let query = open.queries.get_mut(&self.id);
        query
            .map(|query| std::mem::take(&mut query.replies))
            .unwrap_or_default()
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.queries.0.lock().queries.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_asks_too_much_hears_that_nobody_was_asked() {
        let queries = Queries::new();
        let node = NodeId::from_bits(7);
        let open: Vec<_> = (0..QUERIES_MAX).map(|_| queries.open(vec![node])).collect();
        assert!(open.iter().all(Option::is_some));
        let refused = queries.ask(vec![node], |_| panic!("it was sent")).await;
        assert!(refused.is_none());
        assert_eq!(queries.ask(Vec::new(), |_| {}).await, Some(Vec::new()));
        drop(open);
        // Asked and not answered is asked.
        assert_eq!(queries.ask(vec![node], |_| {}).await, Some(Vec::new()));
    }
}
