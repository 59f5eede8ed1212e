//! Server: the process under attack, and what the kernel says of it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt;

use crate::frames;
use crate::harness::{Raw, within};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_conformance");

/// The server with default options; it ends with its handle.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    process: Child,
}

impl Server {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(PROGRAM)
            .args(["--addr", "127.0.0.1:0"])
            // A backtrace reads the program's debug information into memory, which is not what is measured here.
            .env("RUST_BACKTRACE", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ws://").unwrap();
        Self {
            address: address.parse().unwrap(),
            process,
        }
    }

    /// A server that has served all kinds of clients already, so that what it grows by belongs to the attack.
    pub(crate) async fn warmed_up() -> Self {
        let server = Self::start();
        for path in ["/echo", "/function", "/group/warm"] {
            let mut clients = Vec::new();
            for _ in 0..32 {
                let mut client = server.open(path).await;
                client.write(&frames::text(&"warm ".repeat(4_000))).await;
                client.frame().await.unwrap();
                clients.push(client);
            }
        }
        server.empty().await;
        server
    }

    /// A TCP connection.
    pub(crate) async fn raw(&self) -> Raw {
        Raw::connect(self.address).await
    }

    /// An upgraded connection.
    pub(crate) async fn open(&self, path: &str) -> Raw {
        self.open_with(path, "").await
    }

    /// An upgraded connection whose request has more header lines.
    pub(crate) async fn open_with(&self, path: &str, lines: &str) -> Raw {
        let mut raw = self.raw().await;
        raw.write(format!("{}{lines}\r\n", Raw::head(path)).as_bytes())
            .await;
        let response = raw.response().await;
        assert_eq!(response.status, 101, "{response:?}");
        raw
    }

    /// What the server counts: `connections` and `groups` it owns, members of the group `idle`.
    pub(crate) async fn count(&self, what: &str) -> usize {
        let mut raw = self.raw().await;
        raw.write(b"GET /stats HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await;
        let mut answer = String::new();
        let read = raw.0.read_to_string(&mut answer);
        within("the statistics", read).await.unwrap();
        let line = answer.lines().find_map(|line| line.strip_prefix(what));
        line.and_then(|count| count.trim().parse().ok()).unwrap()
    }

    /// Waits until the server counts so many.
    pub(crate) async fn counts(&self, what: &str, expected: usize) {
        within(&format!("{expected} {what}"), async {
            while self.count(what).await != expected {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
    }

    /// Waits until the server owns no connection and no group.
    pub(crate) async fn empty(&self) {
        self.counts("connections", 0).await;
        self.counts("groups", 0).await;
    }

    /// Resident bytes now.
    pub(crate) fn resident_bytes(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// Forgets the most resident bytes so far; gives those of now.
    pub(crate) fn reset_peak(&self) -> u64 {
        // Proc: "5" resets the peak of the resident set.
        std::fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5").unwrap();
        self.resident_bytes()
    }

    /// The most resident bytes since the last reset.
    pub(crate) fn peak_bytes(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// CPU time of all its threads so far.
    pub(crate) fn cpu_time(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.process.id())).unwrap();
        let nanoseconds = tasks.map(|task| {
            // The first number of schedstat: time on a CPU, in nanoseconds.
            let schedstat = std::fs::read_to_string(task.unwrap().path().join("schedstat"));
            let schedstat = schedstat.unwrap_or_default();
            let first = schedstat
                .split(' ')
                .next()
                .and_then(|first| first.parse().ok());
            first.unwrap_or(0)
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    fn status(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.expect("the server runs");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(field))
            .unwrap();
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        kib * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
