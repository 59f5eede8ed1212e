//! The load generator against the server: every scenario finds its figures, and a fault of the server is a failure.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A server at a free port, ended with the test.
struct Server {
    process: Child,
    port: String,
}

impl Server {
    fn start(options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_serve"));
        let command = command.arg("0").args(options).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("ws://127.0.0.1:").unwrap();
        let port = port.to_owned();
        Self { process, port }
    }

    fn load(&self, words: &str) -> Output {
        let pid = self.process.id().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_load"));
        command.args(words.split_whitespace());
        command.args(["--port", &self.port, "--pid", &pid, "--sleep"]);
        command.output().unwrap()
    }

    fn figures(&self, words: &str) -> Value {
        let output = self.load(&format!("{words} --warmup 0.05 --secs 0.2"));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}: {error}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
fn every_scenario_finds_its_figures() {
    let server = Server::start(&["--workers", "1"]);
    let scenarios = [
        "echo --conns 4",
        "echo --conns 4 --depth 16 --size 4000 --binary",
        "echo --conns 4 --typed --path /typed --size 100",
        "fanout --members 20 --window 4",
        "fanout --members 20 --window 4 --burst",
        "groups --groups 5 --members 4 --window 8 --size 70000",
    ];
    for words in scenarios {
        let figures = server.figures(words);
        for name in ["cpu_ns", "messages_per_s", "p50_us", "p99_us"] {
            let figure = figures[name].as_f64().unwrap();
            assert!(figure > 0.0, "{words}: {name} is {figure}");
        }
    }
}

#[test]
fn silent_connections_cost_memory_and_time() {
    let server = Server::start(&["--compression"]);
    let figures = server.figures("idle --conns 100");
    assert!(figures["connect_cpu_ns"].as_f64().unwrap() > 0.0);
    assert!(figures["connects_per_s"].as_f64().unwrap() > 0.0);
    assert!(figures["touched_bytes"].is_number());
    let figures = server.figures("idle --conns 50 --path /group/all");
    assert!(figures["resident_bytes"].is_number());
    assert!(figures["touched_bytes"].is_null());
}

#[test]
fn a_server_that_refuses_a_path_is_told() {
    let server = Server::start(&[]);
    let output = server.load("idle --conns 1 --path /nowhere");
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(
        error.starts_with("load: the server did not agree to the upgrade: HTTP/1.1 404"),
        "{error}"
    );
}

#[test]
fn compressed_messages_are_asked_for_and_read() {
    let server = Server::start(&["--compression"]);
    let plain = server.figures("fanout --members 5 --size 1024");
    assert_eq!(plain["deflated_messages"], 0);
    for words in [
        "fanout --members 5 --size 1024 --window 4",
        "echo --conns 2 --size 1024",
    ] {
        let figures = server.figures(&format!("{words} --deflate"));
        assert!(
            figures["deflated_messages"].as_u64().unwrap() > 0,
            "{words}"
        );
    }
    let plain = Server::start(&[]);
    let output = plain.load("fanout --members 1 --deflate");
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, "load: the server does not compress\n");
}
