//! The example by its one command: what it prints, what Enter does, and that nothing of it stays.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::client::Client;
use crate::{PATIENCE, PROGRAM};

struct Running {
    program: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = command.spawn().unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        Self { program, lines }
    }

    /// The next line, which must begin so.
    async fn says(&mut self, start: &str) -> String {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.expect(start).unwrap().expect(start);
        assert!(line.starts_with(start), "{line}");
        line[start.len()..].to_owned()
    }

    /// The address of a node and its process.
    async fn names_a_node(&mut self, number: u8) -> (String, String) {
        let line = self
            .says(&format!("cluster: node {number} is http://"))
            .await;
        let (address, process) = line.split_once("/ (process ").unwrap();
        (address.to_owned(), process.trim_end_matches(')').to_owned())
    }
}

fn runs(process: &str) -> bool {
    Path::new("/proc").join(process).exists()
}

#[tokio::test]
async fn enter_kills_a_node_that_comes_back_and_the_end_of_one_is_the_end_of_all() {
    let mut running = Running::start(&["--calm"]);
    let broker = running.says("cluster: the broker is redis://").await;
    let (one, first) = running.names_a_node(1).await;
    let (two, second) = running.names_a_node(2).await;
    running.says("cluster: open both").await;
    let mut ada = Client::enter(&one, "lobby", "ada").await;
    let mut bob = Client::enter(&two, "lobby", "bob").await;
    assert_eq!(bob.members, ["ada", "bob"]);
    ada.hears("bob joined").await;

    let stdin = running.program.stdin.as_mut().unwrap();
    stdin.write_all(b"\n").await.unwrap();
    running.says("cluster: node 1 is killed").await;
    bob.hears("ada left").await;
    let line = running.says("cluster: node 1 is back (process ").await;
    let third = line.trim_end_matches(')');
    assert!(!runs(&first) && runs(&second) && runs(third));
    let mut ada = Client::enter(&one, "lobby", "ada").await;
    bob.hears("ada joined").await;
    bob.say("welcome back").await;
    ada.hears("bob said welcome back").await;

    let id = running.program.id().unwrap().to_string();
    let mut kill = Command::new("kill");
    kill.args(["-TERM", &id]).status().await.unwrap();
    let ended = timeout(PATIENCE, running.program.wait()).await;
    assert!(ended.expect("an end").unwrap().success());
    assert!(!runs(&second) && !runs(third));
    let redis = tokio::net::TcpStream::connect(broker).await;
    assert!(redis.is_err(), "Redis is still there");
}
