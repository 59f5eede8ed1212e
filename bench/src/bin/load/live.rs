//! Live: writes of rows by HTTP, of each of which every subscriber whom it concerns must hear by its socket, once.

use bench::{Failure, Outcome};
use serde_json::Value;

use crate::answer::Answer;
use crate::client::Client;
use crate::fleet::Script;
use crate::frame::{self, Frame};
use crate::histogram::Histogram;
use crate::product::{self, Filters};

/// What a run consists of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Clients of HTTP, the first ones of the fleet, each with one write under way.
    pub(crate) writers: usize,
    /// Sockets, which come after them.
    pub(crate) subscribers: usize,
    pub(crate) filters: Filters,
}

/// A write under way. Its number names its writer: the remainder by their count.
struct Write {
    number: u32,
    sent_at: u64,
    answered: bool,
    /// Which subscribers have heard of it, and how many have not whom it concerns.
    heard: Box<[bool]>,
    left: usize,
    /// What the first of them heard: the others must hear the same.
    event: Vec<u8>,
}

pub(crate) struct Live {
    shape: Shape,
    writes: Vec<Write>,
    /// Writers without a write under way.
    free: Vec<usize>,
    /// Which subscribers were told that they are, and how many were not.
    subscribed: Box<[bool]>,
    awaited: usize,
    stopped: bool,
    /// Writes that were answered and heard of by all.
    pub(crate) completed: u64,
    pub(crate) deliveries: u64,
    pub(crate) latency: Histogram,
}

impl Live {
    pub(crate) fn new(shape: Shape) -> Self {
        let write = |writer: usize| Write {
            number: writer as u32,
            sent_at: 0,
            answered: true,
            heard: vec![false; shape.subscribers].into(),
            left: 0,
            event: Vec::new(),
        };
        Self {
            shape,
            writes: (0..shape.writers).map(write).collect(),
            free: (0..shape.writers).collect(),
            subscribed: vec![true; shape.subscribers].into(),
            awaited: 0,
            stopped: false,
            completed: 0,
            deliveries: 0,
            latency: Histogram::new(),
        }
    }

    /// Has every subscriber ask for what it shall hear of. Nothing is written before all are told that they will.
    pub(crate) fn subscribe(&mut self, clients: &mut [Client]) -> Outcome {
        self.subscribed.fill(false);
        self.awaited = self.shape.subscribers;
        let sockets = clients.iter_mut().skip(self.shape.writers).enumerate();
        for (subscriber, client) in sockets {
            let mut out = Vec::new();
            let text = self.shape.filters.subscribe(subscriber);
            frame::append(frame::TEXT, text.as_bytes(), &mut out);
            client.send(&out)?;
        }
        Ok(())
    }

    pub(crate) fn is_subscribed(&self) -> bool {
        self.awaited == 0
    }

    /// Forgets what was counted so far.
    pub(crate) fn reset(&mut self) {
        self.completed = 0;
        self.deliveries = 0;
        self.latency.clear();
    }

    /// Writes no more.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }

    /// Whether nothing is under way.
    pub(crate) fn is_quiet(&self) -> bool {
        self.free.len() == self.writes.len()
    }

    fn confirm(&mut self, subscriber: usize, text: &[u8]) -> Outcome {
        let answer: Value = serde_json::from_slice(text).unwrap_or_default();
        if answer["action"] != "subscribed" {
            let text = String::from_utf8_lossy(text);
            return Err(Failure::new(format!("a subscriber was answered: {text}")));
        }
        self.subscribed[subscriber] = true;
        self.awaited -= 1;
        Ok(())
    }

    fn begin(&mut self, writer: usize, now: u64) -> String {
        let Shape {
            writers,
            subscribers,
            filters,
        } = self.shape;
        let write = &mut self.writes[writer];
        write.number += writers as u32;
        write.sent_at = now;
        write.answered = false;
        write.event.clear();
        write.heard.fill(false);
        let concerned = (0..subscribers).filter(|at| filters.take(*at, write.number));
        write.left = concerned.count();
        product::request(write.number)
    }

    fn end_if_done(&mut self, writer: usize, now: u64) {
        let write = &self.writes[writer];
        if write.answered && write.left == 0 {
            self.completed += 1;
            self.latency.record(now.saturating_sub(write.sent_at));
            self.free.push(writer);
        }
    }
}

impl Script for Live {
    fn hear(&mut self, from: usize, frame: &Frame<'_>, now: u64) -> Outcome {
        let (subscriber, text) = (from - self.shape.writers, frame.payload);
        if !self.subscribed[subscriber] {
            return self.confirm(subscriber, text);
        }
        let number = product::price(text)?;
        let writer = number as usize % self.shape.writers;
        let concerns = self.shape.filters.take(subscriber, number);
        let write = &mut self.writes[writer];
        if write.number != number || !concerns || write.heard[subscriber] {
            return Err(Failure::new(format!(
                "subscriber {subscriber} heard of write {number}, which is not under way for it"
            )));
        }
        if write.event.is_empty() {
            product::check(text, number)?;
            write.event.extend_from_slice(text);
        } else if write.event != text {
            let text = String::from_utf8_lossy(text);
            return Err(Failure::new(format!("not what others heard: {text}")));
        }
        write.heard[subscriber] = true;
        write.left -= 1;
        self.deliveries += 1;
        self.end_if_done(writer, now);
        Ok(())
    }

    fn heed(&mut self, writer: usize, answer: &Answer<'_>, now: u64) -> Outcome {
        let write = &mut self.writes[writer];
        if answer.status != 200 || product::price(answer.body)? != write.number {
            let (status, body) = (answer.status, String::from_utf8_lossy(answer.body));
            let number = write.number;
            return Err(Failure::new(format!(
                "write {number} was answered with {status}: {body}"
            )));
        }
        write.answered = true;
        self.end_if_done(writer, now);
        Ok(())
    }

    fn answer(&mut self, _: usize, _: &mut Client, _: u64) -> Outcome {
        Ok(())
    }

    fn speak(&mut self, clients: &mut [Client], now: u64) -> Outcome {
        if self.stopped || !self.is_subscribed() {
            return Ok(());
        }
        while let Some(writer) = self.free.pop() {
            let request = self.begin(writer, now);
            clients[writer].send(request.as_bytes())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(filters: Filters) -> Live {
        let mut script = Live::new(Shape {
            writers: 2,
            subscribers: 40,
            filters,
        });
        script.free.clear();
        script.begin(0, 0);
        script
    }

    fn event(number: u32) -> String {
        let id = 1 + number;
        format!(
            r#"{{"event":"updated","resource":"products","data":{{"id":{id},"name":"product {id}","price":{number},"department":{id}}}}}"#
        )
    }

    fn tell(script: &mut Live, subscriber: usize, text: &str) -> Outcome {
        let frame = Frame {
            opcode: frame::TEXT,
            deflated: false,
            payload: text.as_bytes(),
        };
        script.hear(2 + subscriber, &frame, 1000)
    }

    fn answer(script: &mut Live, status: u16) -> Outcome {
        let body = br#"{"price":2}"#;
        script.heed(0, &Answer { status, body }, 1000)
    }

    #[test]
    fn a_write_is_complete_when_it_is_answered_and_all_whom_it_concerns_have_heard() {
        let mut script = script(Filters::Departments);
        tell(&mut script, 3, &event(2)).unwrap();
        answer(&mut script, 200).unwrap();
        assert_eq!((script.completed, script.free.len()), (0, 0));
        tell(&mut script, 23, &event(2)).unwrap();
        assert_eq!((script.completed, script.deliveries), (1, 2));
        assert_eq!(script.free, [0]);
    }

    #[test]
    fn what_is_told_twice_or_otherwise_or_to_others_is_refused() {
        let mut script = script(Filters::Departments);
        assert!(tell(&mut script, 4, &event(2)).is_err());
        assert!(tell(&mut script, 3, &event(22)).is_err());
        tell(&mut script, 3, &event(2)).unwrap();
        assert!(tell(&mut script, 3, &event(2)).is_err());
        assert!(tell(&mut script, 23, &(event(2) + " ")).is_err());
        assert!(answer(&mut script, 404).is_err());
    }

    #[test]
    fn a_subscription_that_is_refused_is_told() {
        let mut script = script(Filters::None);
        script.subscribed.fill(false);
        script.awaited = 40;
        tell(&mut script, 0, r#"{"action":"subscribed"}"#).unwrap();
        assert_eq!((script.awaited, script.is_subscribed()), (39, false));
        let refused = tell(&mut script, 1, r#"{"action":"error"}"#);
        assert!(refused.unwrap_err().to_string().contains("error"));
    }
}
