//! The log: connections and messages as spans, and what is said of each.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sockeye::{Context, Handler, Json, Options, Result, Router, endpoint};
use tracing::Level;
use tracing::subscriber::DefaultGuard;

use crate::harness::{Client, serve, until};

/// What a program's own subscriber writes, line by line.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    /// Listens on this thread, which for a test on tokio's default runtime is where its server runs.
    fn listen(level: Level) -> (Self, DefaultGuard) {
        let written = Self::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_ansi(false)
            .without_time()
            .with_writer(move || writer.clone())
            .finish();
        (written, tracing::subscriber::set_default(subscriber))
    }

    /// The lines that contain all of `parts`.
    fn lines(&self, parts: &[&str]) -> Vec<String> {
        let written = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let fits = |line: &&str| parts.iter().all(|part| line.contains(part));
        written.lines().filter(fits).map(str::to_owned).collect()
    }
}

/// Says in the log what it does, and answers.
struct Talker;

impl Handler for Talker {
    type Incoming = Json<Value>;
    type Outgoing = Json<Value>;

    async fn on_message(&mut self, cx: &mut Context<Self>, Json(said): Json<Value>) -> Result<()> {
        tracing::info!("thinking");
        tokio::task::yield_now().await;
        tracing::info!("thought");
        if said["action"] == "spawn" {
            cx.spawn(async { tracing::info!("working") })?;
        }
        cx.reply(Json(json!({"action": "heard", "payload": said["payload"]})))
    }
}

async fn talk(change: impl FnOnce(&mut Options), messages: &[Value]) -> Client {
    let mut options = Options::default();
    change(&mut options);
    let talker = endpoint(|| Talker).options(options);
    let server = serve(Router::new().route("/talk/{room}", talker)).await;
    let mut client = server.connect("/talk/lobby?token=hidden").await;
    for message in messages {
        client.send(message.to_string().as_str()).await;
        client.json().await;
    }
    client
}

#[tokio::test]
async fn c14_every_line_tells_its_connection_and_its_message() {
    let (log, _guard) = Written::listen(Level::DEBUG);
    let secret = json!({"action": "say", "payload": "secret"});
    let client = talk(|_| {}, &[secret, json!({"action": "spawn"})]).await;
    drop(client);
    until("the end", || !log.lines(&["disconnected"]).is_empty()).await;
    let facts = [
        "connection{id=",
        "path=/talk/lobby",
        "peer=127.0.0.1:",
        r#"route="/talk/{room}""#,
    ];
    for said in [
        "received",
        "thinking",
        "thought",
        "sent",
        "working",
        "connected",
        "disconnected",
    ] {
        let lines = log.lines(&[said]);
        assert!(!lines.is_empty(), "{said}");
        let tells = |line: &String| facts.iter().all(|fact| line.contains(fact));
        assert!(lines.iter().all(tells), "{lines:?}");
    }
    for said in ["received", "thinking", "thought", "sent"] {
        let first = log.lines(&[said, "message{number=1 action=\"say\"}"]);
        assert_eq!(first.len(), 1, "{said}: {first:?}");
        let second = log.lines(&[said, "message{number=2 action=\"spawn\"}"]);
        assert_eq!(second.len(), 1, "{said}: {second:?}");
    }
    assert_eq!(log.lines(&["working", "message{number=2"]).len(), 1);
    assert_eq!(log.lines(&["sent", "action=\"heard\""]).len(), 2);
    assert!(log.lines(&["secret"]).is_empty() && log.lines(&["hidden"]).is_empty());
}

#[tokio::test]
async fn c14_received_and_sent_are_switched_each_and_actions_are_ignored() {
    for (received, sent) in [(true, false), (false, true), (false, false)] {
        let (log, _guard) = Written::listen(Level::DEBUG);
        let change = |options: &mut Options| {
            options.log_received = received;
            options.log_sent = sent;
        };
        talk(change, &[json!({"action": "say"})]).await;
        assert_eq!(log.lines(&["received"]).len(), usize::from(received));
        assert_eq!(log.lines(&["sent"]).len(), usize::from(sent));
        assert_eq!(log.lines(&["thinking", "number=1"]).len(), 1);
    }
    let (log, _guard) = Written::listen(Level::DEBUG);
    let ignored = |options: &mut Options| options.log_ignored = vec!["ping".into(), "heard".into()];
    talk(
        ignored,
        &[json!({"action": "ping"}), json!({"action": "say"})],
    )
    .await;
    assert_eq!(log.lines(&["received"]).len(), 1);
    assert_eq!(log.lines(&["received", "action=\"say\""]).len(), 1);
    assert!(log.lines(&["sent"]).is_empty());
}

#[tokio::test]
async fn c14_payloads_are_shown_at_trace_only_and_the_rest_by_its_level() {
    let (log, _guard) = Written::listen(Level::TRACE);
    let long = "long ".repeat(1000);
    talk(|_| {}, &[json!({"action": "say", "payload": long})]).await;
    for said in ["received", "sent"] {
        let lines = log.lines(&[said, "payload=", "long long"]);
        assert_eq!(lines.len(), 1, "{said}");
        assert!(lines[0].len() < 2048, "{} bytes", lines[0].len());
    }
    drop(_guard);
    let (log, _guard) = Written::listen(Level::INFO);
    talk(|_| {}, &[json!({"action": "say"})]).await;
    assert!(log.lines(&["received"]).is_empty() && log.lines(&["sent"]).is_empty());
    assert_eq!(
        log.lines(&["thinking", "connection{id=", "number=1"]).len(),
        1
    );
    drop(_guard);
    let (log, _guard) = Written::listen(Level::WARN);
    talk(|_| {}, &[json!({"action": "say"})]).await;
    assert!(log.lines(&["connection"]).is_empty());
}
