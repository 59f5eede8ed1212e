//! Show: two nodes and a broker on this machine, and one of the nodes killed and started again, by turns.

use std::future::pending;
use std::path::PathBuf;
use std::time::Duration;

use sockeye::Result;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::sleep;

use crate::{BrokerServer, Node, NodeProcess};

/// Time to talk between two ends.
const TALK: Duration = Duration::from_secs(20);

/// How long a killed node stays away: long enough to see its people go on the other.
const AWAY: Duration = Duration::from_secs(6);

/// Short, so that nobody has to wait for that.
const LEASE: Duration = Duration::from_secs(3);

/// The whole example.
#[derive(Debug)]
pub struct Show {
    program: PathBuf,
    /// NATS in place of Redis.
    pub nats: bool,
    /// Nothing is killed unless somebody presses Enter.
    pub calm: bool,
}

impl Show {
    /// A show of `program`, this example, on Redis.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            nats: false,
            calm: false,
        }
    }

    /// Goes on until the process is told to end; everything that it has started ends before it does.
    ///
    /// # Errors
    /// When a node does not start.
    ///
    /// # Panics
    /// When the broker is not installed; names the package.
    #[expect(clippy::print_stdout, reason = "says what is to be seen")]
    pub async fn run(self) -> Result<()> {
        let broker = match self.nats {
            true => BrokerServer::nats().await,
            false => BrokerServer::redis().await,
        };
        println!("cluster: the broker is {}", broker.url());
        let mut nodes = Vec::new();
        for number in 1..=2 {
            let node = Node {
                address: "127.0.0.1:0".to_owned(),
                broker: broker.url(),
                lease: Some(LEASE),
            };
            let node = NodeProcess::start(&self.program, node).await?;
            let (address, id) = (node.address(), node.id().unwrap_or_default());
            println!("cluster: node {number} is http://{address}/ (process {id})");
            nodes.push(node);
        }
        println!("cluster: open both; Enter kills a node and starts it again, Ctrl-C ends all");
        let outcome = tokio::select! {
            outcome = self.kill_by_turns(&mut nodes) => outcome,
            outcome = told_to_end() => outcome,
        };
        for node in nodes {
            node.end().await?;
        }
        outcome
    }

    #[expect(clippy::print_stdout, reason = "says what is to be seen")]
    async fn kill_by_turns(&self, nodes: &mut [NodeProcess]) -> Result<()> {
        let mut enters = enters();
        let mut turn = 0;
        loop {
            self.cue(&mut enters).await;
            let index = turn % nodes.len();
            let (node, number) = (&mut nodes[index], index + 1);
            node.kill().await?;
            println!(
                "cluster: node {number} is killed: its page tries to come back, and the other sees its people go within \
                 {LEASE:?}"
            );
            sleep(AWAY).await;
            node.restart().await?;
            let id = node.id().unwrap_or_default();
            println!("cluster: node {number} is back (process {id})");
            turn += 1;
        }
    }

    /// Finishes when somebody presses Enter, or when it is time.
    async fn cue(&self, enters: &mut Receiver<()>) {
        let pressed = async {
            if enters.recv().await.is_none() {
                pending::<()>().await;
            }
        };
        let due = async {
            if self.calm {
                pending::<()>().await;
            }
            sleep(TALK).await;
        };
        tokio::select! {
            () = pressed => {}
            () = due => {}
        }
    }
}

/// The lines of the standard input. A plain thread reads them, which nobody waits for in the end.
fn enters() -> Receiver<()> {
    // One that is pressed while a node is away is kept, more are not.
    let (enter, enters) = channel(1);
    std::thread::spawn(move || {
        let lines = std::io::stdin().lines().map_while(Result::ok);
        for _ in lines {
            let _ = enter.try_send(());
        }
    });
    enters
}

async fn told_to_end() -> Result<()> {
    let (mut interrupt, mut terminate, mut hangup) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
        signal(SignalKind::hangup())?,
    );
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}
