//! The chat program, started as a user starts it.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::failure::Failure;
use crate::page::PATIENCE;

/// A running chat program; it is killed when this is dropped.
pub(crate) struct ChatServer {
    process: Child,
    address: String,
}

impl ChatServer {
    /// Starts the program on `address` (port 0 picks a free one) and returns once it has said that it listens.
    ///
    /// # Errors
    /// When it does not start, ends early, or does not say where it listens within [`PATIENCE`].
    pub(crate) async fn start(address: &str) -> Result<Self, Failure> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_chat"))
            .args(["--addr", address])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = process
            .stdout
            .take()
            .ok_or_else(|| Failure::new("the chat has no stdout"))?;
        let address = first_match(stdout, |line| {
            line.strip_prefix("chat: http://")?
                .strip_suffix('/')
                .map(str::to_owned)
        })
        .await
        .map_err(|lines| {
            Failure::new(format!(
                "the chat did not say where it listens; its output was {lines:?}"
            ))
        })?;
        Ok(Self { process, address })
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The url of a room's page.
    pub(crate) fn room(&self, name: &str) -> String {
        format!("http://{}/r/{name}", self.address)
    }

    /// Ends the program with SIGKILL, as a crash would, and waits until it is gone.
    pub(crate) async fn kill(mut self) -> Result<(), Failure> {
        Ok(self.process.kill().await?)
    }
}

/// Reads lines until `find` likes one, then keeps reading so that the writer never meets a full or closed pipe.
///
/// # Errors
/// The lines seen, when the output ends or [`PATIENCE`] runs out before that.
pub(crate) async fn first_match(
    output: ChildStdout,
    find: impl Fn(&str) -> Option<String>,
) -> Result<String, Vec<String>> {
    let mut lines = BufReader::new(output).lines();
    let mut seen = Vec::new();
    let search = async {
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(found) = find(&line) {
                return Some(found);
            }
            seen.push(line);
        }
        None
    };
    let found = tokio::time::timeout(PATIENCE, search).await.ok().flatten();
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    found.ok_or(seen)
}
