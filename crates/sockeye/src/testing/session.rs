//! Session: what a client in a test has received and still sends, and the task that moves it.

use std::collections::VecDeque;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf, Bytes};
use parking_lot::{Mutex, MutexGuard};
use sockeye_protocol::{Endpoint, Event, Limits, Role, SendError, Workspace};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use crate::message::{Payload, RawMessage};
use crate::testing::closed::Closed;
use crate::testing::history::History;
use crate::testing::pipe::{Lane, Pipe};

/// The client's side of one connection, shared by the test and the task that moves its bytes.
pub(crate) struct Session {
    state: Mutex<State>,
    /// Something was received, or the end came.
    news: Notify,
    incoming: Arc<Lane>,
    outgoing: Arc<Lane>,
}

struct State {
    endpoint: Endpoint,
    workspace: Workspace,
    /// Each piece is written, and so read by the server, alone.
    pieces: VecDeque<Bytes>,
    messages: VecDeque<RawMessage>,
    history: History,
    reading: bool,
    answered: bool,
    closed: Option<Closed>,
    /// Nothing comes any more.
    over: bool,
    hung_up: bool,
    /// The test has dropped the link.
    severed: bool,
    /// The task was called and has not run yet.
    called: bool,
    task: Option<Waker>,
}

/// What a server may send to a test.
const LIMITS: Limits = Limits {
    message_bytes: 256 << 20,
    frame_bytes: 256 << 20,
    fragments: 1 << 20,
};

impl Session {
    /// The session of an end of a pipe, at the moment after the handshake.
    pub(crate) fn new(pipe: &Pipe) -> Self {
        let [incoming, outgoing] = pipe.lanes();
        let state = State {
            endpoint: Endpoint::new(Role::Client, None),
            workspace: Workspace::default(),
            pieces: VecDeque::new(),
            messages: VecDeque::new(),
            history: History::default(),
            reading: true,
            answered: false,
            closed: None,
            over: false,
            hung_up: false,
            severed: false,
            called: true,
            task: None,
        };
        Self {
            state: Mutex::new(state),
            news: Notify::new(),
            incoming,
            outgoing,
        }
    }

    /// The directions, in and out.
    pub(crate) fn lanes(&self) -> [&Lane; 2] {
        [&self.incoming, &self.outgoing]
    }

    /// Sends what `write` makes of the protocol, in so many pieces.
    pub(crate) fn write(
        &self,
        pieces: usize,
        write: impl FnOnce(&mut Endpoint, &mut Vec<u8>, &mut Workspace) -> Result<(), SendError>,
    ) -> Result<(), SendError> {
        let mut state = self.state.lock();
        let State {
            endpoint,
            workspace,
            ..
        } = &mut *state;
        let mut bytes = Vec::new();
        write(endpoint, &mut bytes, workspace)?;
        let mut bytes = Bytes::from(bytes);
        for left in (1..=pieces.clamp(1, bytes.len().max(1))).rev() {
            let piece = bytes.split_to(bytes.len() / left);
            state.pieces.push_back(piece);
        }
        call(state);
        Ok(())
    }

    /// Sends bytes as they are.
    pub(crate) fn write_raw(&self, bytes: Bytes) {
        let mut state = self.state.lock();
        state.pieces.push_back(bytes);
        call(state);
    }

    /// Reads, or lets everything pile up.
    pub(crate) fn read(&self, reading: bool) {
        let mut state = self.state.lock();
        state.reading = reading;
        call(state);
    }

    /// Ends the stream without a close frame, behind what was sent.
    pub(crate) fn sever(&self) {
        let mut state = self.state.lock();
        state.severed = true;
        state.lose("the test dropped the link");
        call(state);
    }

    /// Breaks the stream, and loses what is on its way.
    pub(crate) fn reset(&self) {
        self.lanes().into_iter().for_each(Lane::reset);
        let mut state = self.state.lock();
        state.lose("the test reset the link");
        call(state);
    }

    /// Takes a message that has arrived.
    pub(crate) fn take(&self) -> Option<RawMessage> {
        self.state.lock().messages.pop_front()
    }

    /// Waits for a message; `None` once none comes any more.
    pub(crate) async fn next(&self) -> Option<RawMessage> {
        self.until(|state| match state.messages.pop_front() {
            None if state.over || state.closed.is_some() => Some(None),
            message => message.map(Some),
        })
        .await
    }

    /// Waits for the end, which is a close frame if one came.
    pub(crate) async fn closed(&self) -> Closed {
        self.until(|state| state.closed.clone()).await
    }

    /// Waits for the answer to a ping, or the end.
    pub(crate) async fn answered(&self) {
        self.until(|state| (state.answered || state.closed.is_some()).then_some(()))
            .await;
    }

    /// Waits until something new has come.
    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }

    async fn until<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let seen = look(&mut self.state.lock());
            if let Some(seen) = seen {
                return seen;
            }
            self.news.notified().await;
        }
    }

    /// Whether the end has come.
    pub(crate) fn is_closed(&self) -> bool {
        self.state.lock().closed.is_some()
    }

    /// Whether nothing is on its way that this side would move.
    pub(crate) fn is_calm(&self) -> bool {
        let state = self.state.lock();
        let heard = state.over || !state.reading || self.incoming.is_empty();
        heard && !state.called && !self.outgoing.is_under_way()
    }

    /// What a failing test is told of it.
    pub(crate) fn story(&self) -> String {
        let state = self.state.lock();
        let now = match &state.closed {
            Some(closed) => format!("the connection is over: {closed}"),
            None => "the connection is open".to_owned(),
        };
        format!("{}; {now}", state.history)
    }
}

/// Calls the task of a session whose state was changed.
fn call(mut state: MutexGuard<'_, State>) {
    let Some(task) = state.task.take() else {
        return;
    };
    state.called = true;
    drop(state);
    task.wake();
}

/// Moves the bytes of a session until nothing comes any more.
pub(crate) struct Mover {
    pipe: Pipe,
    session: Arc<Session>,
    /// What came with the answer to the handshake.
    early: Bytes,
    /// Where the server's bytes are unmasked and read.
    buffer: Box<[u8]>,
}

impl Mover {
    pub(crate) fn new(pipe: Pipe, session: Arc<Session>, early: Bytes) -> Self {
        Self {
            pipe,
            session,
            early,
            buffer: vec![0; 8 * 1024].into(),
        }
    }
}

impl Future for Mover {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self {
            pipe,
            session,
            early,
            buffer,
        } = self.get_mut();
        let mut state = session.state.lock();
        state.called = false;
        state.task = Some(cx.waker().clone());
        let mut news = false;
        if !early.is_empty() {
            news |= state.hear(&mut Vec::from(mem::take(early)));
        }
        news |= state.poll_read(pipe, buffer, cx);
        let written = state.poll_write(pipe, cx);
        let over = (state.over || state.severed) && written.is_ready();
        if over {
            state.task = None;
        }
        drop(state);
        if news {
            session.news.notify_one();
        }
        match over {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

impl State {
    fn lose(&mut self, how: &str) {
        self.over = true;
        self.closed.get_or_insert_with(|| Closed::lost(how));
    }

    /// Reads all there is; true when something came of it.
    fn poll_read(&mut self, pipe: &mut Pipe, buffer: &mut [u8], cx: &mut Context<'_>) -> bool {
        let mut news = false;
        while self.reading && !self.over {
            let mut buffer = ReadBuf::new(buffer);
            match Pin::new(&mut *pipe).poll_read(cx, &mut buffer) {
                Poll::Pending => break,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    news |= self.hear(buffer.filled_mut());
                }
                Poll::Ready(Ok(())) => {
                    self.lose("the server hung up");
                    news = true;
                }
                Poll::Ready(Err(error)) => {
                    self.lose(&error.to_string());
                    news = true;
                }
            }
        }
        news
    }

    /// Steps bytes of the server; true when something came of it.
    fn hear(&mut self, mut input: &mut [u8]) -> bool {
        let mut news = false;
        loop {
            let Self {
                endpoint,
                workspace,
                ..
            } = self;
            let mut answer = Vec::new();
            let received = match endpoint.receive(input, &LIMITS, &mut workspace.inbound) {
                Ok(received) => received,
                Err(error) => {
                    self.closed = Some(Closed::broken(&error));
                    return true;
                }
            };
            let Some(event) = received.event else {
                return news;
            };
            news |= !matches!(event, Event::Ping(_));
            let message = match event {
                Event::Text(text) => Some(Payload::Text(text).to_message()),
                Event::Binary(bytes) => Some(Payload::Binary(bytes).to_message()),
                Event::Ping(payload) => {
                    // One that is closing answers no ping.
                    let _ = endpoint.pong(payload, &mut answer, &mut workspace.outbound);
                    None
                }
                Event::Pong(_) => {
                    self.answered = true;
                    None
                }
                Event::Close(close) => {
                    endpoint.close(close, &mut answer, &mut workspace.outbound);
                    self.closed = Some(Closed::by_frame(close));
                    None
                }
            };
            let consumed = received.consumed;
            input = &mut input[consumed..];
            if let Some(message) = message {
                self.history.note(&message);
                self.messages.push_back(message);
            }
            if !answer.is_empty() {
                self.pieces.push_back(answer.into());
            }
        }
    }

    /// Writes all there is, and hangs up after both close frames.
    fn poll_write(&mut self, pipe: &mut Pipe, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(piece) = self.pieces.front_mut() {
            match ready!(Pin::new(&mut *pipe).poll_write(cx, piece)) {
                Ok(written) => piece.advance(written),
                // The server is gone: reading says how.
                Err(_) => piece.clear(),
            }
            if piece.is_empty() {
                self.pieces.pop_front();
            }
        }
        if self.closed.is_some() && !self.hung_up {
            self.hung_up = true;
            let _ = Pin::new(&mut *pipe).poll_shutdown(cx);
        }
        Poll::Ready(())
    }
}
