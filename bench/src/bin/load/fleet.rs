//! Fleet: all connections of a run, and the one loop that drives them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bench::{Failure, Outcome};
use mio::{Events, Interest, Poll, Token};

use crate::answer::Answer;
use crate::client::{Client, Heard};
use crate::frame::Frame;

/// Holds many small frames, and the largest message with what was kept from before.
const READ_BYTES: usize = 1024 * 1024;
/// Handshakes under way at once: a crowd, but one that the kernel's queues hold.
const RAMP_CLIENTS: usize = 64;
const RAMP_TIMEOUT: Duration = Duration::from_secs(120);
const EVENTS: usize = 1024;

/// What a scenario does with what arrives.
pub(crate) trait Script {
    /// A message arrived at client `from`, `now` nanoseconds after the start.
    fn hear(&mut self, from: usize, frame: &Frame<'_>, now: u64) -> Outcome;

    /// An answer of plain HTTP arrived at client `from`.
    fn heed(&mut self, from: usize, answer: &Answer<'_>, _now: u64) -> Outcome {
        let status = answer.status;
        Err(Failure::new(format!(
            "the server answered {status} to client {from}, which asked nothing"
        )))
    }

    /// All that one read brought to client `at` was heard: the moment to answer.
    fn answer(&mut self, at: usize, client: &mut Client, now: u64) -> Outcome;

    /// Every client had its turn: the moment to begin something new.
    fn speak(&mut self, clients: &mut [Client], now: u64) -> Outcome;
}

pub(crate) struct Fleet {
    poll: Poll,
    events: Events,
    buffer: Box<[u8]>,
    start: Instant,
    /// How long to sleep for events: not at all, so that the server never pays for waking this process.
    patience: Duration,
    /// Whether clients ask for compressed messages.
    deflate: bool,
    pub(crate) clients: Vec<Client>,
}

impl Fleet {
    pub(crate) fn new(spin: bool, deflate: bool) -> Outcome<Self> {
        let patience = if spin { 0 } else { 10 };
        Ok(Self {
            poll: Poll::new().map_err(Failure::of("make an epoll"))?,
            events: Events::with_capacity(EVENTS),
            buffer: vec![0; READ_BYTES].into(),
            start: Instant::now(),
            deflate,
            patience: Duration::from_millis(patience),
            clients: Vec::new(),
        })
    }

    /// Nanoseconds since the start.
    pub(crate) fn now(&self) -> u64 {
        since(self.start)
    }

    /// Opens `count` connections, each to its server and path, without a path for plain HTTP, a bounded number at once.
    pub(crate) fn connect(
        &mut self,
        count: usize,
        place: impl Fn(usize) -> (SocketAddr, Option<String>),
    ) -> Outcome {
        let begin = Instant::now();
        let mut done = 0;
        while done < count {
            while self.clients.len() < count.min(done + RAMP_CLIENTS) {
                let (address, path) = place(self.clients.len());
                self.begin(address, path.as_deref())?;
            }
            self.wait(Duration::from_millis(100))?;
            for event in &self.events {
                let client = &mut self.clients[event.token().0];
                done += usize::from(client.ramp(&mut self.buffer)?);
            }
            if begin.elapsed() > RAMP_TIMEOUT {
                let text = format!("{done} of {count} connections were open after 120 s");
                return Err(Failure::new(text));
            }
        }
        Ok(())
    }

    fn begin(&mut self, address: SocketAddr, path: Option<&str>) -> Outcome {
        let mut client = Client::connect(address, path, self.deflate)?;
        let token = Token(self.clients.len());
        let interest = Interest::READABLE | Interest::WRITABLE;
        let registered = self
            .poll
            .registry()
            .register(&mut client.stream, token, interest);
        registered.map_err(Failure::of("watch a socket"))?;
        self.clients.push(client);
        Ok(())
    }

    /// Drives `script` for a time.
    pub(crate) fn run(&mut self, script: &mut impl Script, time: Duration) -> Outcome {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.turn(script)?;
        }
        Ok(())
    }

    /// Drives `script` until `done` says so, `limit` at most; whether it was done.
    pub(crate) fn run_until<S: Script>(
        &mut self,
        script: &mut S,
        limit: Duration,
        done: impl Fn(&S) -> bool,
    ) -> Outcome<bool> {
        let end = Instant::now() + limit;
        while !done(script) && Instant::now() < end {
            self.turn(script)?;
        }
        Ok(done(script))
    }

    fn turn(&mut self, script: &mut impl Script) -> Outcome {
        self.wait(self.patience)?;
        for event in &self.events {
            let at = event.token().0;
            let client = &mut self.clients[at];
            if event.is_writable() {
                client.flush()?;
            }
            let mut drained = !event.is_readable();
            while !drained {
                let now = since(self.start);
                drained = client.read(&mut self.buffer, |heard| match heard {
                    Heard::Frame(frame) => script.hear(at, &frame, now),
                    Heard::Answer(answer) => script.heed(at, &answer, now),
                })?;
                script.answer(at, client, now)?;
            }
        }
        let now = self.now();
        script.speak(&mut self.clients, now)
    }

    fn wait(&mut self, patience: Duration) -> Outcome {
        let polled = self.poll.poll(&mut self.events, Some(patience));
        polled.map_err(Failure::of("wait for sockets"))
    }
}

fn since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
