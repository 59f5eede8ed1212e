//! Cluster: a chat on two nodes with a broker between them; one node at a time is killed and started again.

#![forbid(unsafe_code)]

use std::time::Duration;

use cluster::{Node, Show};
use sockeye::{Error, Result};

const USAGE: &str = "\
cluster [--nats] [--calm]      two nodes and a Redis, or a NATS; with --calm nothing is killed before you press Enter
cluster node --broker URL [--addr 127.0.0.1:3000] [--lease SECONDS]      one node, at a broker of yours";

enum Command {
    Show(Show),
    Node(Node),
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter("warn")
        .with_writer(std::io::stderr)
        .init();
    match command(std::env::args().skip(1).collect())? {
        Command::Show(show) => show.run().await,
        Command::Node(node) => node.run().await,
    }
}

fn command(words: Vec<String>) -> Result<Command> {
    match words.first().map(String::as_str) {
        Some("node") => node(words.into_iter().skip(1)).map(Command::Node),
        _ => show(words).map(Command::Show),
    }
}

fn show(words: Vec<String>) -> Result<Show> {
    let mut show = Show::new(std::env::current_exe()?);
    for word in words {
        match word.as_str() {
            "--nats" => show.nats = true,
            "--calm" => show.calm = true,
            other => return Err(unknown(other)),
        }
    }
    Ok(show)
}

fn node(mut words: impl Iterator<Item = String>) -> Result<Node> {
    let mut node = Node::default();
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| unknown(&word))?;
        match word.as_str() {
            "--addr" => node.address = value,
            "--broker" => node.broker = value,
            "--lease" => {
                let seconds = value.parse().map_err(|_| unknown(&value))?;
                node.lease = Some(Duration::from_secs(seconds));
            }
            _ => return Err(unknown(&word)),
        }
    }
    Ok(node)
}

fn unknown(word: &str) -> Error {
    Error::new(format!("cannot make sense of {word}\n{USAGE}"))
}
