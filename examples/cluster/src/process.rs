//! NodeProcess: a node as a process of its own, which can be killed and started again.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use sockeye::{Error, Result};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::Node;

/// How long a node may take to start or to end: both take milliseconds, on a busy machine seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// A node that runs, or ran and can again, at the same address. Dropped, it is killed.
#[derive(Debug)]
pub struct NodeProcess {
    program: PathBuf,
    node: Node,
    child: Child,
}

impl NodeProcess {
    /// Starts `program`, this example, as a node; returns when it hears the other nodes.
    ///
    /// # Errors
    /// When it does not start, or is not ready within half a minute.
    pub async fn start(program: impl Into<PathBuf>, node: Node) -> Result<Self> {
        let program = program.into();
        let mut child = spawn(&program, &node)?;
        let address = await_ready(&mut child).await?;
        let node = Node { address, ..node };
        Ok(Self {
            program,
            node,
            child,
        })
    }

    /// Where it listens, as `host:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.node.address
    }

    /// The process, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends it by SIGKILL: nothing of it can say a word.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Starts it again where it was; returns when it hears the other nodes.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn restart(&mut self) -> Result<()> {
        self.child = spawn(&self.program, &self.node)?;
        await_ready(&mut self.child).await?;
        Ok(())
    }

    /// Ends it by SIGTERM: it closes its connections and says goodbye to the other nodes.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn end(mut self) -> Result<()> {
        if let Some(id) = self.child.id() {
            let mut kill = Command::new("kill");
            kill.args(["-TERM", &id.to_string()]).status().await?;
        }
        if timeout(PATIENCE, self.child.wait()).await.is_err() {
            self.kill().await?;
        }
        Ok(())
    }
}

fn spawn(program: &PathBuf, node: &Node) -> Result<Child> {
    let mut command = Command::new(program);
    command.args(["node", "--addr", &node.address, "--broker", &node.broker]);
    if let Some(lease) = node.lease {
        command.args(["--lease", &lease.as_secs().to_string()]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    Ok(command.kill_on_drop(true).spawn()?)
}

/// Gives the address of a node that has just been started, once it is ready.
async fn await_ready(child: &mut Child) -> Result<String> {
    let silent = || Error::new("the node did not say that it is ready");
    let mut lines = BufReader::new(child.stdout.take().ok_or_else(silent)?).lines();
    let said = timeout(PATIENCE, async {
        let address = line_after(&mut lines, "chat: http://").await?;
        line_after(&mut lines, "chat: ready").await?;
        Some(address.trim_end_matches('/').to_owned())
    });
    said.await.ok().flatten().ok_or_else(silent)
}

/// The rest of the next line, which must begin so.
async fn line_after(lines: &mut Lines<BufReader<ChildStdout>>, start: &str) -> Option<String> {
    let line = lines.next_line().await.ok().flatten()?;
    line.strip_prefix(start).map(str::to_owned)
}
