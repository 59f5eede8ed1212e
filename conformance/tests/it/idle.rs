//! Ten thousand idle sockets in one group, and what each of them costs the server.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::frames;
use crate::harness::{PROGRAM, Server};

/// Clients that are there before the measurement begins: they pay for what every server needs once.
const FIRST: usize = 64;

/// What an idle connection may cost the server's process, the kernel's own buffers not counted.
const BYTES_MAX: u64 = 4096;

/// Sockets of the measurement; `IDLE_SOCKETS` sets another number.
fn sockets() -> usize {
    let asked = std::env::var("IDLE_SOCKETS").ok();
    asked.map_or(10_000, |count| count.parse().unwrap())
}

#[tokio::test]
async fn an_idle_connection_costs_under_four_kib_and_stays_there_after_a_message() {
    let server = Server::start();
    drop(Holder::open(&server, FIRST));
    server.empty().await;
    let before = server.resident_bytes();
    let count = sockets();
    let each = |now: u64| now.saturating_sub(before) / count as u64;

    let mut holder = Holder::open(&server, count);
    let idle = each(server.resident_bytes());
    let mut speaker = server.open("/group/idle").await;
    server.counts("idle", count + 1).await;
    speaker.write(&frames::text("hello")).await;
    assert_eq!(holder.next_line(), format!("received {count}"));
    let told = each(server.resident_bytes());
    println!(
        "{count} idle connections in one group: {idle} bytes each, {told} after a message to each"
    );

    assert!(idle < BYTES_MAX, "{idle} bytes each");
    assert!(told < BYTES_MAX, "{told} bytes each after a message");
    assert_eq!(server.count("connections").await, count + 1);
    drop((holder, speaker));
    server.empty().await;
}

/// The clients, in a process of their own: each process may open only so many files.
struct Holder {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// The process ends when this does.
    stdin: Option<ChildStdin>,
}

impl Holder {
    fn open(server: &Server, count: usize) -> Self {
        let (address, count) = (server.address.to_string(), count.to_string());
        let mut process = Command::new(PROGRAM)
            .args(["hold", "--addr", &address, "--count", &count])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut holder = Self {
            lines: BufReader::new(process.stdout.take().unwrap()).lines(),
            stdin: process.stdin.take(),
            process,
        };
        assert_eq!(holder.next_line(), format!("open {count}"));
        holder
    }

    fn next_line(&mut self) -> String {
        self.lines.next().expect("the holder runs").unwrap()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.process.wait();
    }
}
