//! Sending from elsewhere: tasks and threads that hold a `Sender`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sockeye::{
    CloseCode, Context, Endpoint, ErrorKind, Handler, Options, Result, Router, Sender, endpoint,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::harness::{Raw, serve, until, within};

/// Gives its sender away.
struct Given(mpsc::Sender<Sender>);

impl Handler for Given {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        Ok(self.0.send(cx.sender()).await?)
    }
}

fn given(outbox_bytes: usize) -> (Endpoint, mpsc::Receiver<Sender>) {
    let (senders, taken) = mpsc::channel(1);
    let mut options = Options::default();
    options.outbox_bytes = outbox_bytes;
    (
        endpoint(move || Given(senders.clone())).options(options),
        taken,
    )
}

const SENDERS: usize = 8;
const MESSAGES: usize = 100;

/// Sends all its messages, some of them too large to leave with another.
async fn send_all(sender: Sender, name: usize) {
    for at in 0..MESSAGES {
        let size = if at % 10 == 0 { 100_000 } else { 5_000 };
        let text = format!("{name} {at} {}", "x".repeat(size));
        sender.send(text).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_wait_to_send_get_their_turn_and_keep_their_order() {
    let (endpoint, mut taken) = given(64 * 1024);
    let server = serve(Router::new().route("/", endpoint)).await;
    let mut client = server.connect("/").await;
    let sender = within("a sender", taken.recv()).await.unwrap();
    let mut senders = JoinSet::new();
    for name in 0..SENDERS {
        senders.spawn(send_all(sender.clone(), name));
    }
    let mut next = [0; SENDERS];
    for _ in 0..SENDERS * MESSAGES {
        let text = client.text().await;
        let mut words = text.split(' ');
        let mut number = || words.next().unwrap().parse::<usize>().unwrap();
        let (name, at) = (number(), number());
        assert_eq!(at, next[name], "the order of {name}");
        next[name] += 1;
    }
    within("all who send", senders.join_all()).await;
}

/// Sends and counts until it may not; says why.
async fn send_on(sender: Sender, sent: Arc<AtomicUsize>) -> ErrorKind {
    loop {
        match sender.send("x".repeat(64 * 1024)).await {
            Ok(()) => sent.fetch_add(1, Ordering::Relaxed),
            Err(error) => return error.kind(),
        };
    }
}

#[tokio::test]
async fn who_waits_to_send_hears_of_the_end() {
    let (endpoint, mut taken) = given(1024);
    let server = serve(Router::new().route("/", endpoint)).await;
    let mut raw = server.raw().await;
    raw.upgrade("/").await;
    let sender = within("a sender", taken.recv()).await.unwrap();
    let sent = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    for _ in 0..SENDERS {
        senders.spawn(send_on(sender.clone(), Arc::clone(&sent)));
    }
    // The kernel takes some; then all have to wait for a peer who does not read. That they do is likely and no more:
    // the outcome does not depend on it.
    let (mut before, mut looks) = (0, 0);
    until("all to wait", || {
        let now = sent.load(Ordering::Relaxed);
        looks = if now == before { looks + 1 } else { 0 };
        before = now;
        looks > 10
    })
    .await;
    sender.close(CloseCode::NORMAL, "");
    let kinds = within("the end of all who send", senders.join_all()).await;
    assert_eq!(kinds, [ErrorKind::Closed; SENDERS]);
    drop(raw);
    server.empty().await;
}

/// Sends until it may not, without pause.
fn shout(sender: &Sender) {
    while !matches!(sender.try_send("x"), Err(error) if error.kind() == ErrorKind::Closed) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_follows_a_close_frame_however_many_still_send() {
    let (endpoint, mut taken) = given(1024 * 1024);
    let server = serve(Router::new().route("/", endpoint)).await;
    for _ in 0..50 {
        let mut raw = server.raw().await;
        raw.upgrade("/").await;
        let sender = within("a sender", taken.recv()).await.unwrap();
        let threads = [(); 2].map(|()| sender.clone());
        let threads = threads.map(|sender| std::thread::spawn(move || shout(&sender)));
        assert_eq!(raw.frame().await, Some((0x81, b"x".to_vec())));
        sender.close(CloseCode::NORMAL, "");
        let shouted = Some((0x81, b"x".to_vec()));
        let mut end = raw.frame().await;
        while end == shouted {
            end = raw.frame().await;
        }
        assert_eq!(end, Some((0x88, 1000_u16.to_be_bytes().to_vec())));
        raw.write(&Raw::masked(0x88, &1000_u16.to_be_bytes())).await;
        assert_eq!(raw.rest().await, b"");
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    }
    server.empty().await;
}
