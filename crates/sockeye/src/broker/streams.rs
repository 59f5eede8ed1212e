//! Streams: how far a topic's messages of each node have been heard, so that repeated and missing ones are noticed.

use std::time::Duration;

use tokio::time::Instant;

use crate::broker::Stamp;
use crate::id::NodeId;

/// Nodes that a topic remembers: more than a cluster has, and restarted nodes are new ones. The one longest there is
/// forgotten; its next message is then its first.
const NODES_MAX: usize = 256;

/// How long after a gap was told a node's next message may be one that followed lost ones: many times what a message takes.
const EXCUSE: Duration = Duration::from_secs(10);

/// One topic's, as one node hears them.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    streams: Vec<Stream>,
    /// Until when what was told already is excused, once it was told.
    excused_until: Option<Instant>,
}

#[derive(Debug)]
struct Stream {
    heard: Stamp,
    /// What is missing up to the next message was told already.
    excused: bool,
}

/// What a stamp says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It is the next, or the first.
    Next,
    /// It was heard before.
    Repeated,
    /// So many before it are missing; 0 when nobody can know how many.
    After(u64),
}

impl Streams {
    /// Hears a message.
    pub(crate) fn hear(&mut self, stamp: Stamp) -> Heard {
        let until = self.excused_until;
        let Some(stream) = self.of(stamp.node) else {
            self.remember(stamp);
            return Heard::Next;
        };
        let excused =
            std::mem::take(&mut stream.excused) && until.is_none_or(|until| Instant::now() < until);
        match stream.advance(stamp) {
            Heard::After(_) if excused => Heard::Next,
            // The message itself is not missing.
            Heard::After(1) => Heard::Next,
            Heard::After(count) => Heard::After(count - 1),
            heard => heard,
        }
    }

    /// Hears how far a node has counted that lost something on its way to the broker.
    pub(crate) fn place(&mut self, stamp: Stamp) -> Heard {
        if let Some(stream) = self.of(stamp.node) {
            return stream.advance(stamp);
        }
        self.remember(stamp);
        Heard::After(0)
    }

    /// Lets what is missing up to each node's next message pass: everybody is told that something may be.
    pub(crate) fn excuse(&mut self) {
        self.excused_until = None;
        let streams = self.streams.iter_mut();
        streams.for_each(|stream| stream.excused = true);
    }

    /// Everybody was told now: only what was on its way until then is still excused.
    pub(crate) fn limit_excuse(&mut self) {
        self.excused_until = Some(Instant::now() + EXCUSE);
    }

    fn of(&mut self, node: NodeId) -> Option<&mut Stream> {
        self.streams
            .iter_mut()
            .find(|stream| stream.heard.node == node)
    }

    fn remember(&mut self, heard: Stamp) {
        if self.streams.len() >= NODES_MAX {
            self.streams.remove(0);
        }
        self.streams.push(Stream {
            heard,
            excused: false,
        });
    }
}

impl Stream {
    /// Moves on to a stamp; gives how many lie between, itself counted.
    fn advance(&mut self, to: Stamp) -> Heard {
        let known = self.heard;
        if (to.stream, to.sequence) <= (known.stream, known.sequence) {
            return Heard::Repeated;
        }
        self.heard = to;
        match to.stream == known.stream {
            true => Heard::After(to.sequence - known.sequence),
            // A new count begins at 1; how the old one has ended nobody knows, and it ends only when nothing is lost.
            false => Heard::After(to.sequence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(node: u64, stream: u64, sequence: u64) -> Stamp {
        Stamp {
            node: NodeId::from_bits(node),
            stream,
            sequence,
        }
    }

    #[test]
    fn each_node_is_counted_for_itself() {
        let mut streams = Streams::default();
        // Whoever comes later begins where the others are.
        assert_eq!(streams.hear(stamp(1, 1, 500)), Heard::Next);
        assert_eq!(streams.hear(stamp(2, 1, 1)), Heard::Next);
        assert_eq!(streams.hear(stamp(1, 1, 501)), Heard::Next);
        assert_eq!(streams.hear(stamp(1, 1, 501)), Heard::Repeated);
        assert_eq!(streams.hear(stamp(1, 1, 504)), Heard::After(2));
        assert_eq!(streams.hear(stamp(1, 1, 503)), Heard::Repeated);
        assert_eq!(streams.hear(stamp(2, 1, 2)), Heard::Next);
    }

    #[test]
    fn a_new_count_begins_at_one_and_ends_the_old_one() {
        let mut streams = Streams::default();
        streams.hear(stamp(1, 1, 9));
        assert_eq!(streams.hear(stamp(1, 2, 1)), Heard::Next);
        assert_eq!(streams.hear(stamp(1, 1, 10)), Heard::Repeated);
        assert_eq!(streams.hear(stamp(1, 3, 2)), Heard::After(1));
    }

    #[test]
    fn what_was_told_already_is_excused_once_but_no_position() {
        let mut streams = Streams::default();
        streams.hear(stamp(1, 1, 1));
        streams.excuse();
        assert_eq!(streams.hear(stamp(1, 1, 5)), Heard::Next);
        assert_eq!(streams.hear(stamp(1, 1, 7)), Heard::After(1));
        streams.excuse();
        assert_eq!(streams.place(stamp(1, 1, 9)), Heard::After(2));
        assert_eq!(streams.place(stamp(1, 1, 9)), Heard::Repeated);
        assert_eq!(streams.place(stamp(5, 1, 3)), Heard::After(0));
        assert_eq!(streams.hear(stamp(5, 1, 4)), Heard::Next);
    }

    #[tokio::test(start_paused = true)]
    async fn the_excuse_ends_a_while_after_the_gap_was_told() {
        let mut streams = Streams::default();
        streams.hear(stamp(1, 1, 1));
        streams.excuse();
        streams.limit_excuse();
        tokio::time::advance(EXCUSE).await;
        assert_eq!(streams.hear(stamp(1, 1, 3)), Heard::After(1));
    }

    #[test]
    fn memory_is_bounded_by_the_number_of_nodes() {
        let mut streams = Streams::default();
        for node in 0..10_000 {
            streams.hear(stamp(node, 1, 1));
        }
        assert_eq!(streams.streams.len(), NODES_MAX);
        assert_eq!(streams.hear(stamp(9_999, 1, 1)), Heard::Repeated);
    }
}
