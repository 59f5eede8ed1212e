//! Node: a hub with a server in memory, for members.

use std::time::Duration;

use crate::config::{Heartbeat, Options};
use crate::error::{Error, ErrorKind, Result};
use crate::group::{Gap, Hub};
use crate::handler::{Context, Handler, endpoint};
use crate::message::Outgoing;
use crate::routing::Router;
use crate::testing::TestServer;
use crate::testing::broker::member::Member;
use crate::testing::broker::stage::group;

pub(super) struct Node {
    pub(super) hub: Hub,
    server: TestServer,
}

impl Node {
    pub(super) fn new(hub: Hub, patience: Duration) -> Self {
        let router = Router::new()
            .route("/", endpoint(|| Obedient).options(unhurried()))
            .hub(&hub);
        let server = TestServer::new(router).patience(patience);
        Self { hub, server }
    }

    pub(super) async fn member(&self) -> Member {
        Member::new(self.server.connect("/").await)
    }

    /// A member that is in a group already.
    pub(super) async fn member_of(&self, name: &str) -> Result<Member> {
        let mut member = self.member().await;
        member.join(name).await?;
        Ok(member)
    }

    /// Publishes to a group's members on all nodes.
    pub(super) fn publish(&self, name: &str, message: impl Outgoing) -> Result<()> {
        self.hub.group(group(name)?)?.broadcast(message)
    }

    /// The same, as often as it takes while too much waits.
    pub(super) async fn publish_all(&self, name: &str, message: &str) -> Result<()> {
        if self.hub.stats().broker.waiting > 1_000 {
            self.hub.flush().await?;
        }
        self.publish(name, message)
    }
}

/// Tests with as much as they like, and not for as long as a client is expected to read.
fn unhurried() -> Options {
    let hour = Duration::from_secs(3600);
    Options {
        outbox_bytes: 1 << 30,
        write_timeout: hour,
        heartbeat: Heartbeat {
            interval: hour,
            timeout: hour,
        },
        hook_timeout: hour,
        rate: None,
        groups: 100_000,
        ..Options::default()
    }
}

/// Joins and leaves what its client names; says so, and what was missed.
struct Obedient;

impl Handler for Obedient {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        let (word, name) = text.split_once(' ').unwrap_or((&text, ""));
        let name = group(name)?;
        let done = match word {
            "join" => cx.join(name).await,
            _ => cx.leave(name).map(|_| ()),
        };
        cx.reply(match done {
            Ok(()) => "#done".to_owned(),
            Err(error) if error.kind() == ErrorKind::Broker => format!("#refused {error}"),
            Err(error) => return Err(Error::new(error.to_string())),
        })
    }

    async fn on_gap(&mut self, cx: &mut Context<Self>, gap: Gap) -> Result<()> {
        cx.reply(format!("#gap {}", gap.group))
    }
}
