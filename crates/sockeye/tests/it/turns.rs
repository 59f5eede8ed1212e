//! A connection's turn in its shard: who is polled when, in which order what it caused leaves, and what of its input
//! is seen.

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sockeye::{
    Cause, CloseCode, Context, Disconnect, Handler, Options, Result, Router, WebSocket, endpoint,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use crate::harness::{Client, Raw, serve, until, within};

/// Longer than any test: what waits for this waits in vain.
const FOR_EVER: Duration = Duration::from_secs(3600);

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

/// Counts how often its hook is polled; then the hook ends by its timeout.
struct Waiting(Arc<AtomicUsize>);

impl Handler for Waiting {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, _: &mut Context<Self>, _: String) -> Result<()> {
        let mut waiting = pin!(pending::<()>());
        poll_fn(|cx| {
            self.0.fetch_add(1, Ordering::Relaxed);
            waiting.as_mut().poll(cx)
        })
        .await;
        Ok(())
    }
}

#[tokio::test]
async fn a_waiting_hook_is_polled_only_when_it_is_woken() {
    let polls = Arc::new(AtomicUsize::new(0));
    let mut options = Options::default();
    options.hook_timeout = Duration::from_millis(200);
    let counted = Arc::clone(&polls);
    let endpoint = endpoint(move || Waiting(Arc::clone(&counted))).options(options);
    let server = serve(Router::new().route("/", endpoint)).await;
    let mut client = server.connect("/").await;
    client.send("wait").await;
    assert_eq!(client.closed().await, Some((1011, "internal error".into())));
    // Once when it begins; nothing wakes it. A few more are no harm, one per turn of the shard would be.
    assert!(polls.load(Ordering::Relaxed) <= 3, "{polls:?}");
}

/// What a hook and its test tell each other.
#[derive(Clone, Default)]
struct Pause {
    reached: Arc<Notify>,
    over: Arc<Notify>,
}

impl Pause {
    async fn wait(&self) {
        self.reached.notify_one();
        self.over.notified().await;
    }

    async fn end(&self) {
        within("a hook that waits", self.reached.notified()).await;
        self.over.notify_one();
    }
}

#[tokio::test]
async fn a_message_costs_a_function_two_polls() {
    const MESSAGES: usize = 50;
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&polls);
    let function = move |socket: WebSocket| {
        let (polls, mut echo) = (Arc::clone(&counted), Box::pin(echo(socket)));
        poll_fn(move |cx| {
            polls.fetch_add(1, Ordering::Relaxed);
            echo.as_mut().poll(cx)
        })
    };
    let server = serve(Router::new().route("/", function)).await;
    let mut client = server.connect("/").await;
    for _ in 0..MESSAGES {
        client.send("hi").await;
        assert_eq!(client.text().await, "hi");
    }
    // One when its connection is looked at, one when the message is there. A few more are no harm, a third for each
    // would be: the message must not wake whom it is handed to.
    assert!(
        polls.load(Ordering::Relaxed) <= 2 * MESSAGES + 10,
        "{polls:?}"
    );
}

/// `slow` is answered by a broadcast after a pause, anything else by a reply at once.
struct Uneven(Pause);

impl Handler for Uneven {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join("room").await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        if text != "slow" {
            return cx.reply(text);
        }
        self.0.wait().await;
        cx.broadcast(text)
    }
}

#[tokio::test]
async fn what_a_resumed_hook_caused_leaves_before_what_the_next_message_causes() {
    let pause = Pause::default();
    let handed = pause.clone();
    let endpoint = endpoint(move || Uneven(handed.clone()));
    let server = serve(Router::new().route("/", endpoint)).await;
    let mut raw = server.raw().await;
    raw.upgrade("/").await;
    let mut both = Raw::masked(TEXT, b"slow");
    both.extend(Raw::masked(TEXT, b"fast"));
    raw.write(&both).await;
    pause.end().await;
    let texts = [raw.frame().await, raw.frame().await];
    assert_eq!(texts.map(|frame| frame.unwrap().1), [b"slow", b"fast"]);
}

/// Closes on the first message; the peer has its own half of the end from elsewhere.
struct Closing(Pause, mpsc::Sender<Cause>);

impl Handler for Closing {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        if text == "one" {
            self.0.wait().await;
        }
        cx.close(CloseCode::NORMAL, "enough");
        Ok(())
    }

    async fn on_disconnect(&mut self, _: &mut Context<Self>, disconnect: Disconnect) {
        self.1.send(disconnect.cause()).await.unwrap();
    }
}

#[tokio::test]
async fn a_close_frame_behind_messages_that_nobody_will_handle_is_seen() {
    let pause = Pause::default();
    let (causes, mut seen) = mpsc::channel(2);
    let mut options = Options::default();
    // Were the peer's close frame overlooked, the server would wait for it in vain.
    options.close_timeout = FOR_EVER;
    let handed = pause.clone();
    let endpoint = endpoint(move || Closing(handed.clone(), causes.clone())).options(options);
    let server = serve(Router::new().route("/", endpoint)).await;
    let mut raw = server.raw().await;
    raw.upgrade("/").await;
    let mut all = Raw::masked(TEXT, b"one");
    all.extend(Raw::masked(TEXT, &[b'x'; 40_000]));
    all.extend(Raw::masked(CLOSE, &1000_u16.to_be_bytes()));
    raw.write(&all).await;
    pause.end().await;
    raw.ended().await;
    drop(raw);
    server.empty().await;
    assert_eq!(
        within("the cause", seen.recv()).await,
        Some(Cause::ServerClosed)
    );
}

#[tokio::test]
async fn a_peer_that_still_sends_reads_why_it_is_closed_and_no_reset() {
    let mut options = Options::default();
    options.message_bytes = 1024;
    options.frame_bytes = 1024;
    options.close_timeout = FOR_EVER;
    let endpoint = endpoint(|| Waiting(Arc::default())).options(options);
    let server = serve(Router::new().route("/", endpoint)).await;
    let mut raw = server.raw().await;
    raw.upgrade("/").await;
    // All of it must go: a server that hangs up with input unread resets the connection under the close frame.
    raw.write(&Raw::masked(TEXT, &vec![b'x'; 8 * 1024 * 1024]))
        .await;
    let (first, payload) = raw.frame().await.unwrap();
    assert_eq!((first, &payload[..2]), (CLOSE, &1009_u16.to_be_bytes()[..]));
    let mut scrap = [0; 16];
    let end = within("the end", raw.0.read(&mut scrap)).await;
    assert_eq!(end.unwrap(), 0);
    drop(raw);
    server.empty().await;
}

/// Panics when it goes, or gives an error that does.
struct Explosive;

#[derive(Debug, thiserror::Error)]
#[error("explosive")]
struct Bomb;

impl Drop for Explosive {
    fn drop(&mut self) {
        panic!("a handler's own drop");
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("an error's own drop");
    }
}

impl Handler for Explosive {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        match text.as_str() {
            "fail" => Err(Bomb.into()),
            _ => cx.reply(text),
        }
    }
}

async fn echo(mut socket: WebSocket) -> Result<()> {
    while let Some(text) = socket.receive_text().await? {
        socket.send_text(&text).await?;
    }
    Ok(())
}

async fn fail(mut socket: WebSocket) -> Result<()> {
    socket.receive().await;
    Err(Bomb.into())
}

#[tokio::test]
async fn handlers_and_errors_that_panic_while_they_are_dropped_end_alone() {
    let mut reply = Options::default();
    reply.on_error = sockeye::OnError::Reply;
    let routes = Router::new()
        .route("/echo", echo)
        .route("/fail", fail)
        .route("/explosive", endpoint(|| Explosive))
        .route("/reply", endpoint(|| Explosive).options(reply));
    let server = serve(routes).await;
    let mut others = Vec::new();
    // One beside it in whichever shard.
    for _ in 0..2 * std::thread::available_parallelism().unwrap().get() {
        others.push(server.connect("/echo").await);
    }
    for path in ["/fail", "/explosive", "/reply"] {
        let mut client = server.connect(path).await;
        client.send("fail").await;
        assert_eq!(client.closed().await, Some((1011, "internal error".into())));
    }
    let mut client = server.connect("/explosive").await;
    client.send("hi").await;
    assert_eq!(client.text().await, "hi");
    client.close(CloseCode::NORMAL, "").await;
    client.closed().await;
    for other in &mut others {
        other.send("still here").await;
        assert_eq!(other.text().await, "still here");
    }
    drop::<Vec<Client>>(others);
    server.empty().await;
}

#[tokio::test]
async fn a_node_that_is_gone_leaves_no_task() {
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let before = tasks();
    let server = serve(Router::new().route("/echo", echo)).await;
    let mut clients = Vec::new();
    for _ in 0..4 {
        let mut client = server.connect("/echo").await;
        client.send("hi").await;
        assert_eq!(client.text().await, "hi");
        clients.push(client);
    }
    assert!(tasks() > before);
    server.handle.stop();
    within("the end of the server", server.ended)
        .await
        .unwrap()
        .unwrap();
    drop((clients, server.hub));
    until("no task", || tasks() == before).await;
}

/// Reads the server's close frame, and answers it behind a message that comes too late.
async fn answer_late(mut raw: Raw) {
    raw.frame().await;
    let mut answer = Raw::masked(TEXT, b"late");
    answer.extend(Raw::masked(CLOSE, &1000_u16.to_be_bytes()));
    // The stop may have come first.
    let _ = raw.0.write_all(&answer).await;
    raw.ended().await;
}

/// A stop meets connections in every step of their end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_in_the_middle_of_closings_ends_everything() {
    for _ in 0..8 {
        let server = serve(Router::new().route("/", echo)).await;
        let mut raws = Vec::new();
        for _ in 0..16 {
            let mut raw = server.raw().await;
            raw.upgrade("/").await;
            raws.push(raw);
        }
        let hub = server.hub.clone();
        let draining = hub.clone();
        let drain = tokio::spawn(async move {
            draining.drain(CloseCode::RESTART, Duration::ZERO).await;
        });
        let mut answers: JoinSet<()> = raws.into_iter().map(answer_late).collect();
        answers.join_next().await;
        within("the stop", hub.stop()).await;
        within("the drain", drain).await.unwrap();
        answers.join_all().await;
    }
}
