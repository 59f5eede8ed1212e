//! TLS: the right name, the wrong one, the wrong authority, and certificates of clients.

use fixtures::{Authority, Redis};
use sockeye::Hub;
use sockeye_redis::RedisBroker;

use crate::harness::{Node, room, until, within};

fn at(redis: &Redis, host: &str) -> RedisBroker {
    RedisBroker::new(format!("rediss://{host}:{}", redis.tls_port())).unwrap()
}

async fn is_refused(broker: RedisBroker, why: &str) {
    let hub = Hub::with_broker(broker);
    until(why, || hub.readiness().to_string().contains(why)).await;
    assert!(!hub.readiness().is_ready());
}

#[tokio::test]
async fn the_right_name_is_let_in_and_the_wrong_one_refused() {
    let certificate = Authority::new().certify("localhost");
    let redis = Redis::start_tls(&certificate, false).await;
    let right = at(&redis, "localhost")
        .root_certificates(&certificate.authority)
        .unwrap();
    within("a session", Hub::with_broker(right).ready()).await;
    let wrong = at(&redis, "127.0.0.1")
        .root_certificates(&certificate.authority)
        .unwrap();
    is_refused(wrong, "not valid for name").await;
    let other = Authority::new().certify("localhost");
    let untrusted = at(&redis, "localhost")
        .root_certificates(&other.authority)
        .unwrap();
    is_refused(untrusted, "invalid peer certificate").await;
}

#[tokio::test]
async fn a_client_is_let_in_by_its_certificate() {
    let authority = Authority::new();
    let certificate = authority.certify("localhost");
    let redis = Redis::start_tls(&certificate, true).await;
    let broker = || {
        at(&redis, "localhost")
            .root_certificates(&certificate.authority)
            .unwrap()
    };
    let own = authority.certify("node");
    let known = broker().client_certificate(&own.chain, &own.key).unwrap();
    within("a session", Hub::with_broker(known).ready()).await;
    is_refused(broker(), "cannot be reached").await;
}

/// All nodes are spoken TLS to, also those that only the cluster has named.
#[tokio::test]
async fn a_cluster_is_reached_over_tls_by_the_name_of_one_node() {
    let certificate = Authority::new().certify("127.0.0.1");
    let nodes = Redis::start_tls_cluster(3, &certificate).await;
    let node = async || {
        let seed = format!("rediss://127.0.0.1:{}", nodes[0].tls_port());
        let broker = RedisBroker::cluster([seed]).unwrap();
        let broker = broker.root_certificates(&certificate.authority).unwrap();
        let node = Node::with(Hub::with_broker(broker)).await;
        within("a session", node.hub.ready()).await;
        node
    };
    let (one, two) = (node().await, node().await);
    for number in 0..12 {
        let name = number.to_string();
        let mut member = two.member(&name).await;
        room(&one.hub, &name).broadcast("over TLS").unwrap();
        assert_eq!(member.text().await, "over TLS");
    }
    for master in &nodes {
        let clients = master.ask("CLIENT LIST").await;
        // The nodes speak RESP3, and this fixture does not.
        let mut of_nodes = clients.lines().filter(|line| line.contains("resp=3"));
        let port = format!("laddr=127.0.0.1:{}", master.tls_port());
        assert!(of_nodes.clone().count() > 0, "{clients}");
        assert!(of_nodes.all(|line| line.contains(&port)), "{clients}");
    }
}

#[tokio::test]
async fn a_plain_port_that_is_spoken_tls_to_is_refused() {
    let redis = Redis::start().await;
    let broker = RedisBroker::new(format!("rediss://localhost:{}", redis.port())).unwrap();
    let authority = Authority::new().certify("localhost").authority;
    is_refused(broker.root_certificates(authority).unwrap(), "took longer").await;
}

#[test]
fn what_is_no_certificate_is_refused_at_once() {
    let broker = || RedisBroker::new("rediss://localhost").unwrap();
    let own = Authority::new().certify("node");
    let other = Authority::new().certify("node");
    for (result, found) in [
        (broker().root_certificates("no PEM"), "found no certificate"),
        (
            broker().client_certificate(&own.chain, "no PEM"),
            "cannot read the client's private key",
        ),
        (
            broker().client_certificate("", &own.key),
            "found no certificate",
        ),
        (
            broker().client_certificate(&own.chain, &other.key),
            "cannot use the client's certificate",
        ),
    ] {
        let error = result.map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(found), "{error}");
    }
}
