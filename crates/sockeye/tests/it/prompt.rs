//! Promptness: what a handler has said leaves when it says so, or before its next message.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use sockeye::{Context, Handler, IntoEndpoint, Options, Result, Router, WebSocket, endpoint};

use crate::harness::{PATIENCE, Raw, serve};

/// What holds a handler up, thread and all, until the test lets it go on.
#[derive(Clone)]
struct Gate(Arc<Mutex<mpsc::Receiver<()>>>);

fn gate() -> (mpsc::Sender<()>, Gate) {
    let (open, wait) = mpsc::channel();
    (open, Gate(Arc::new(Mutex::new(wait))))
}

impl Gate {
    fn pass(&self) {
        let opened = self.0.lock().unwrap().recv_timeout(PATIENCE);
        opened.expect("the client has seen what was said before");
    }
}

/// Answers every message twice; stops at the gate when it gets `wait`.
struct Gated(Gate);

impl Handler for Gated {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        if text == "wait" {
            self.0.pass();
        }
        cx.reply(format!("{text} 1"))?;
        cx.reply(format!("{text} 2"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c13_with_flush_each_replies_leave_before_the_next_message_is_handled() {
    let (open, gate) = gate();
    let mut options = Options::default();
    options.flush_each = true;
    let gated = endpoint(move || Gated(gate.clone())).options(options);
    let server = serve(Router::new().route("/", gated)).await;
    let mut client = server.raw().await;
    client.upgrade("/").await;
    // In one packet, so that both are there before the first is answered.
    let both = [Raw::masked(0x81, b"go"), Raw::masked(0x81, b"wait")].concat();
    client.write(&both).await;
    let mut texts = Vec::new();
    for _ in 0..2 {
        texts.push(client.frame().await.unwrap().1);
    }
    assert_eq!(texts, [&b"go 1"[..], b"go 2"]);
    open.send(()).unwrap();
    assert_eq!(client.frame().await.unwrap().1, b"wait 1");
    assert_eq!(client.frame().await.unwrap().1, b"wait 2");
}

/// Says that it begins, flushes, and stops at the gate.
struct Slow(Gate);

impl Handler for Slow {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, _: String) -> Result<()> {
        cx.reply("begun".to_owned())?;
        cx.flush().await;
        self.0.pass();
        cx.reply("done".to_owned())
    }
}

async fn step_by_step(mut socket: WebSocket, gate: Gate) {
    while socket.receive().await.is_some() {
        socket.send("begun");
        socket.flush().await;
        gate.pass();
        socket.send("done");
        // Nothing is left to wait for at the second.
        socket.flush().await;
        socket.flush().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c13_a_flush_lets_a_reply_leave_in_the_middle_of_a_hook() {
    let (open, gate) = gate();
    let (open_too, gate_too) = self::gate();
    let function = move |socket: WebSocket| step_by_step(socket, gate_too.clone());
    let routes = Router::new()
        .route("/slow", endpoint(move || Slow(gate.clone())))
        .route("/function", function.configure(|_| {}));
    let server = serve(routes).await;
    for (path, open) in [("/slow", open), ("/function", open_too)] {
        let mut client = server.connect(path).await;
        for _ in 0..2 {
            client.send("go").await;
            assert_eq!(client.text().await, "begun");
            open.send(()).unwrap();
            assert_eq!(client.text().await, "done");
        }
    }
}
