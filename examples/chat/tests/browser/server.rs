//! The chat program, started as a user starts it.

use std::process::Stdio;

use fixtures::browser::{Failure, announced};
use tokio::process::{Child, Command};

/// A running chat program; it is killed when this is dropped.
pub(crate) struct ChatServer {
    process: Child,
    address: String,
}

impl ChatServer {
    /// Starts the program on `address` (port 0 picks a free one) and returns once it has said that it listens.
    ///
    /// # Errors
    /// When it does not start, ends early, or does not say where it listens in time.
    pub(crate) async fn start(address: &str) -> Result<Self, Failure> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_chat"))
            .args(["--addr", address])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let address = announced(&mut process, "the address of the chat", |line| {
            line.strip_prefix("chat: http://")?
                .strip_suffix('/')
                .map(str::to_owned)
        })
        .await?;
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
