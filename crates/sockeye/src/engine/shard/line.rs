//! Line: the part of a connection that a fan-out and a sweep touch, packed densely.

use std::io;
use std::task::Poll;

use crate::connection::{Moment, SharedForm};
use crate::engine::shard::entry::Entry;
use crate::engine::transport::Transport;

/// One connection in its shard's table. A fan-out to a peer that keeps up reads these 32 bytes and no others.
pub(crate) struct Line {
    pub(crate) transport: Transport,
    pub(crate) entry: Box<Entry>,
    /// When a timer of it may have run out; what was put off since is found then.
    pub(crate) due: Moment,
    pub(crate) marks: Marks,
}

/// What has to be known of a connection before its entry is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marks(u16);

impl Marks {
    /// Something waits for its peer already: what comes now goes behind it.
    pub(crate) const QUEUED: Self = Self(1);
    /// Not all that is published in this turn is for it.
    pub(crate) const APART: Self = Self(1 << 1);
    /// It is in several groups.
    pub(crate) const MANY: Self = Self(1 << 2);
    /// It takes shared frames compressed.
    pub(crate) const DEFLATES: Self = Self(1 << 3);
    /// Each shared frame has to be asked about.
    pub(crate) const EACH: Self = Self(1 << 4);
    /// Already on the list of those to flush in this turn.
    pub(crate) const DIRTY: Self = Self(1 << 5);
    /// There may be something to read.
    pub(crate) const READABLE: Self = Self(1 << 6);
    /// The peer has ended its half: only a read that says so is the last.
    pub(crate) const OVER: Self = Self(1 << 7);

    /// Each message of a group is followed by one that says so.
    pub(crate) const TOLD: Self = Self(1 << 9);
    /// It takes typed messages in another encoding than JSON.
    pub(crate) const PACKS: Self = Self(1 << 10);
    /// What a message caused leaves before the next one is handled.
    pub(crate) const PROMPT: Self = Self(1 << 11);
    /// Its handler hears of what is sent to its peer alone.
    pub(crate) const LOGGED: Self = Self(1 << 12);
    /// The socket takes no more; its shard will be told when it does.
    pub(crate) const STUCK: Self = Self(1 << 8);

    /// Those of a connection that takes shared frames in this form. Nothing is known yet of what there is to read.
    pub(crate) fn new(form: SharedForm) -> Self {
        let form = match form {
            SharedForm::Plain => Self(0),
            SharedForm::Deflated => Self::DEFLATES,
            SharedForm::Each => Self::EACH,
        };
        form | Self::READABLE
    }

    pub(crate) fn has(self, marks: Self) -> bool {
        self.0 & marks.0 != 0
    }

    pub(crate) fn set(&mut self, marks: Self, on: bool) {
        self.0 = if on {
            self.0 | marks.0
        } else {
            self.0 & !marks.0
        };
    }
}

impl std::ops::BitOr for Marks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Line {
    /// Writes what the transport takes now of `bytes`, past whatever waits; gives how much that was.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = 0;
        while written < bytes.len() {
            match self
                .transport
                .poll_write(&self.entry.link, &bytes[written..])
            {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(more)) => written += more,
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => {
                    self.note_stuck();
                    break;
                }
            }
        }
        if self.transport.is_polled() {
            self.push_through()?;
        }
        Ok(written)
    }

    /// Notes that the transport takes no more. A watched socket is then left alone until the kernel tells otherwise: a
    /// peer that does not read costs its group no system calls.
    pub(crate) fn note_stuck(&mut self) {
        self.marks.set(Marks::STUCK, !self.transport.is_polled());
    }

    /// Lets the transport pass on what it has taken.
    pub(crate) fn push_through(&mut self) -> io::Result<()> {
        let flushed = self.transport.poll_flush(&self.entry.link);
        self.entry.unflushed = flushed.is_pending();
        self.note_queue();
        match flushed {
            Poll::Ready(Err(error)) => Err(error),
            _ => Ok(()),
        }
    }

    /// Keeps [`Marks::QUEUED`] true to what waits.
    pub(crate) fn note_queue(&mut self) {
        let waits = !self.entry.connection.outbox.is_empty() || self.entry.unflushed;
        self.marks.set(Marks::QUEUED, waits);
    }

    /// Reads once; `Pending` when nothing is there. A socket that gave less than was asked for is not asked again
    /// before its shard is told of more: a system call saved for each message.
    pub(crate) fn poll_read(&mut self, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let watched = !self.transport.is_polled();
        if watched && !self.marks.has(Marks::READABLE) {
            return Poll::Pending;
        }
        let read = self.transport.poll_read(&self.entry.link, buffer);
        if watched {
            let emptied = match &read {
                Poll::Pending => true,
                Poll::Ready(Ok(len)) => *len < buffer.len() && !self.marks.has(Marks::OVER),
                Poll::Ready(Err(_)) => false,
            };
            self.marks.set(Marks::READABLE, !emptied);
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(all(target_pointer_width = "64", not(debug_assertions)))]
    fn a_line_is_half_a_cache_line() {
        assert_eq!(size_of::<Line>(), 32);
    }

    #[test]
    fn marks_are_independent() {
        let mut marks = Marks::new(SharedForm::Deflated);
        marks.set(Marks::QUEUED, true);
        marks.set(Marks::READABLE, false);
        assert!(marks.has(Marks::QUEUED) && marks.has(Marks::DEFLATES));
        assert!(!marks.has(Marks::READABLE | Marks::APART));
    }
}
