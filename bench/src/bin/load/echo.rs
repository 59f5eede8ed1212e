//! Echo: every client keeps a number of messages under way, and each must come back as it went.

use bench::{Failure, Outcome};

use crate::client::Client;
use crate::fleet::Script;
use crate::frame::Frame;
use crate::histogram::Histogram;
use crate::message::Template;

pub(crate) struct Echo {
    template: Template,
    lines: Vec<Line>,
    /// Frames on their way into one write.
    out: Vec<u8>,
    /// Whether what comes back is answered by the next message.
    goes_on: bool,
    pub(crate) messages: u64,
    pub(crate) latency: Histogram,
}

/// The messages of one client, which come back in order.
struct Line {
    sent: u32,
    heard: u32,
    /// When the messages under way were sent, by number.
    sent_at: Box<[u64]>,
}

impl Echo {
    pub(crate) fn new(clients: usize, depth: usize, template: Template) -> Self {
        let line = |_| Line {
            sent: 0,
            heard: 0,
            sent_at: vec![0; depth].into(),
        };
        Self {
            template,
            lines: (0..clients).map(line).collect(),
            out: Vec::new(),
            goes_on: false,
            messages: 0,
            latency: Histogram::new(),
        }
    }

    /// Lets every client send all the messages that it keeps under way, and then the next for each that comes back.
    pub(crate) fn begin(&mut self, clients: &mut [Client], now: u64) -> Outcome {
        self.goes_on = true;
        let mut clients = clients.iter_mut().enumerate();
        clients.try_for_each(|(at, client)| self.answer(at, client, now))
    }

    /// The same, but what comes back is not answered.
    pub(crate) fn once(&mut self, clients: &mut [Client], now: u64) -> Outcome {
        self.begin(clients, now)?;
        self.goes_on = false;
        Ok(())
    }

    /// Messages that came compressed, since the beginning.
    pub(crate) fn deflated(&self) -> u64 {
        self.template.deflated()
    }

    /// Forgets what was counted so far.
    pub(crate) fn reset(&mut self) {
        self.messages = 0;
        self.latency.clear();
    }
}

impl Script for Echo {
    fn hear(&mut self, from: usize, frame: &Frame<'_>, now: u64) -> Outcome {
        let line = &mut self.lines[from];
        let number = self.template.number(frame)?;
        if number != line.heard || line.heard == line.sent {
            let expected = line.heard;
            let text = format!("message {number} came back where {expected} was due");
            return Err(Failure::new(text));
        }
        let slot = number as usize % line.sent_at.len();
        line.heard = line.heard.wrapping_add(1);
        self.messages += 1;
        self.latency.record(now.saturating_sub(line.sent_at[slot]));
        Ok(())
    }

    /// As many messages as came back, in one write.
    fn answer(&mut self, at: usize, client: &mut Client, now: u64) -> Outcome {
        if !self.goes_on {
            return Ok(());
        }
        let line = &mut self.lines[at];
        let depth = line.sent_at.len();
        self.out.clear();
        while (line.sent.wrapping_sub(line.heard) as usize) < depth {
            self.template.append(line.sent, &mut self.out);
            line.sent_at[line.sent as usize % depth] = now;
            line.sent = line.sent.wrapping_add(1);
        }
        client.send(&self.out)
    }

    fn speak(&mut self, _: &mut [Client], _: u64) -> Outcome {
        Ok(())
    }
}
