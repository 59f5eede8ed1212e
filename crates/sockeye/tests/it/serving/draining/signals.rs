//! Signals, and a process that runs out of file descriptors: with a server in a process of its own.

use std::process::Stdio;
use std::time::Duration;

use sockeye::{Context, Disconnect, Handler, Result, Router, Server, ServerOptions, endpoint};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

use crate::harness::{Client, Raw, until, within};

/// Makes the program a server that has so many seconds to drain.
const WINDOW: &str = "SOCKEYE_TEST_DRAIN_WINDOW";

struct Guest;

impl Handler for Guest {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        cx.reply(text)
    }

    #[expect(
        clippy::print_stdout,
        reason = "tells the test that started this process"
    )]
    async fn on_disconnect(&mut self, _: &mut Context<Self>, end: Disconnect) {
        println!("goodbye, {:?}", end.cause());
    }
}

/// What the other process does, which is this same program again.
#[expect(
    clippy::print_stdout,
    reason = "tells the test that started this process"
)]
async fn serve(window: &str) {
    let mut options = ServerOptions::default();
    options.drain_window = Duration::from_secs(window.parse().unwrap());
    options.drain_pace = options.drain_window;
    let server = Server::bind("127.0.0.1:0").await.unwrap().options(options);
    println!("listening at {}", server.address().unwrap());
    let routes = Router::new().route("/guests", endpoint(|| Guest));
    server.run_until_signal(routes).await.unwrap();
    println!("through");
}

struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    address: std::net::SocketAddr,
}

impl Process {
    /// Starts it with so many seconds to drain and `files` file descriptors.
    async fn start(window: u32, files: u32) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -n {files}; exec \"$0\" \"$@\"")])
            .arg(program)
            .args([
                "--exact",
                "serving::draining::signals::one_signal_drains",
                "--nocapture",
            ])
            .env(WINDOW, window.to_string())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = within("its address", lines.next_line())
                .await
                .unwrap()
                .unwrap();
            if let Some((_, address)) = line.split_once("listening at ") {
                break address.parse().unwrap();
            }
        };
        Self {
            child,
            lines,
            address,
        }
    }

    fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    async fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.id());
        let sent = Command::new("sh").args(["-c", &kill]).status().await;
        assert!(sent.unwrap().success());
    }

    async fn guest(&self) -> Client {
        Client::connect(self.address, "/guests", &[]).await.unwrap()
    }

    async fn refuses(&self) {
        within("a refusal", async {
            while TcpStream::connect(self.address).await.is_ok() {}
        })
        .await;
    }

    /// Waits for its end, which must be a good one; gives what it said.
    async fn said(mut self) -> Vec<String> {
        let mut said = Vec::new();
        while let Some(line) = within("its last words", self.lines.next_line())
            .await
            .unwrap()
        {
            said.push(line);
        }
        let status = within("its end", self.child.wait()).await.unwrap();
        assert!(status.success(), "{status}");
        said
    }
}

fn is_in_order(said: &[String], expected: &[&str]) {
    let relevant = |line: &&String| line.contains("goodbye") || line.contains("through");
    let found: Vec<_> = said.iter().filter(relevant).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn one_signal_drains() {
    if let Ok(window) = std::env::var(WINDOW) {
        return serve(&window).await;
    }
    for signal in ["TERM", "INT"] {
        let process = Process::start(0, 1024).await;
        let mut guests = [process.guest().await, process.guest().await];
        process.signal(signal).await;
        for guest in &mut guests {
            assert_eq!(guest.closed().await, Some((1012, String::new())));
        }
        let said = process.said().await;
        is_in_order(&said, &["goodbye, Drained", "goodbye, Drained", "through"]);
    }
}

#[tokio::test]
async fn a_second_signal_stops_at_once() {
    let process = Process::start(3600, 1024).await;
    let mut guest = process.guest().await;
    process.signal("TERM").await;
    process.refuses().await;
    assert!(guest.asks("are you there?").await);
    process.signal("TERM").await;
    assert_eq!(guest.closed().await, Some((1001, String::new())));
    is_in_order(&process.said().await, &["goodbye, Stopped", "through"]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_out_of_file_descriptors_serves_on_as_they_come_free() {
    const FILES: u32 = 48;
    let process = Process::start(0, FILES).await;
    let mut clients = Vec::new();
    for _ in 0..2 * FILES {
        let mut raw = Raw::connect(process.address).await;
        raw.write(format!("{}\r\n", Raw::head("/guests")).as_bytes())
            .await;
        clients.push(raw);
    }
    let open = format!("/proc/{}/fd", process.id());
    until("a process without file descriptors", || {
        std::fs::read_dir(&open).unwrap().count() >= FILES as usize - 1
    })
    .await;
    // They were queued in the order in which they came; each that leaves makes room for one that waits.
    for mut raw in clients {
        assert!(raw.read_head().await.starts_with("HTTP/1.1 101"));
    }
    process.signal("TERM").await;
    let said = process.said().await;
    let goodbyes = said.iter().filter(|line| line.contains("goodbye")).count();
    assert_eq!(goodbyes, 2 * FILES as usize);
}
