//! Users of several nodes: counted, ended and asked again wherever they are.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;
use sockeye::{Access, CloseCode, Hub, MemoryBroker, Permission, Result, Router, bearer, endpoint};

use crate::contracts::auth::{Account, Greeter, authorization, by_token, enter};
use crate::harness::{Client, Running, serve, until};

/// Who may no longer be here; looked at by all nodes.
#[derive(Clone, Default)]
struct Banned(Arc<Mutex<HashSet<String>>>);

impl<O: Sync> Permission<Account, O> for Banned {
    async fn check(&self, access: &Access<'_, Account, O>) -> Result<bool> {
        let is_banned = |user: &Account| self.0.lock().contains(&user.name);
        Ok(!access.user.is_some_and(is_banned))
    }
}

/// Two nodes that know of each other.
async fn nodes(banned: &Banned) -> [Running; 2] {
    let broker = MemoryBroker::new();
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let hub = Hub::with_broker(broker.clone());
        hub.ready().await;
        let greeter = endpoint(|| Greeter)
            .authenticate(bearer(by_token))
            .permit(banned.clone());
        nodes.push(serve(Router::new().hub(&hub).route("/", greeter)).await);
    }
    let nodes: Result<[Running; 2], _> = nodes.try_into();
    nodes.unwrap_or_else(|_| unreachable!("there are two"))
}

async fn connect(server: &Running, name: &str) -> Client {
    let value = format!("Bearer token.of.{name}");
    let client = enter(server, "/", &authorization(&value)).await;
    let user = server.hub.user(name);
    until("the connection", || user.count() > 0).await;
    client
}

#[tokio::test]
async fn c1_a_user_is_counted_and_closed_on_all_nodes() {
    let [here, there] = nodes(&Banned::default()).await;
    let mut ann = [connect(&here, "ann").await, connect(&there, "ann").await];
    let mut ben = connect(&there, "ben").await;
    let user = here.hub.user("ann");
    assert_eq!((user.count(), user.count_everywhere().await), (1, 2));
    assert_eq!(here.hub.user("ben").count_everywhere().await, 1);
    user.disconnect(CloseCode::new(4401), "signed out");
    for client in &mut ann {
        assert_eq!(client.closed().await, Some((4401, "signed out".to_owned())));
    }
    until("the end", || there.hub.stats().connections == 1).await;
    assert_eq!(user.count_everywhere().await, 0);
    ben.send("hi").await;
    assert!(ben.text().await.contains("ben"));
}

#[tokio::test]
async fn c2_a_user_is_asked_again_on_all_nodes() {
    let banned = Banned::default();
    let [here, there] = nodes(&banned).await;
    let mut ann = [connect(&here, "ann").await, connect(&there, "ann").await];
    let mut ben = connect(&there, "ben").await;
    banned.0.lock().insert("ann".to_owned());
    assert_eq!(
        here.hub.user("ann").recheck().await,
        1,
        "those of this node"
    );
    for client in &mut ann {
        let (code, _) = client.closed().await.expect("a close frame");
        assert_eq!(code, 4403);
    }
    ben.send("hi").await;
    assert!(ben.text().await.contains("ben"));
}
