//! The inventory program, started as a user starts it.

use std::fs;
use std::path::PathBuf;
use std::process::{self, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use fixtures::browser::{Failure, announced};
use tokio::process::{Child, Command};

const PROGRAM: &str = env!("CARGO_BIN_EXE_inventory");

/// A running inventory; it is killed when this is dropped.
pub(crate) struct Inventory {
    process: Child,
    address: String,
}

impl Inventory {
    /// Starts the program on `address` (port 0 picks a free one) and returns once it has said that it listens.
    pub(crate) async fn start(address: &str, database: &str) -> Result<Self, Failure> {
        let mut process = Command::new(PROGRAM)
            .args(["--addr", address, "--database", database])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let address = announced(&mut process, "the address of the inventory", |line| {
            let address = line.strip_prefix("inventory: http://")?;
            address.strip_suffix('/').map(str::to_owned)
        });
        let address = address.await?;
        Ok(Self { process, address })
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Ends the program with SIGKILL, as a crash would, and waits until it is gone.
    pub(crate) async fn kill(mut self) -> Result<(), Failure> {
        Ok(self.process.kill().await?)
    }
}

/// Runs a command of the program to its end.
pub(crate) async fn run(command: &str, database: &str) -> Result<(), Failure> {
    let mut program = Command::new(PROGRAM);
    let status = program
        .args([command, "--database", database])
        .status()
        .await?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "`inventory {command}` failed: {status}"
        ))),
    }
}

/// A database file of one test, removed with it.
pub(crate) struct File(PathBuf);

impl File {
    pub(crate) fn new() -> Result<Self, Failure> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("inventory-{}-{number}", process::id());
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    pub(crate) fn url(&self) -> String {
        format!(
            "sqlite://{}?mode=rwc",
            self.0.join("inventory.db").display()
        )
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // What cannot be removed is cleaned up with the other results of builds.
        let _ = fs::remove_dir_all(&self.0);
    }
}
