//! Access: who is let in, what they may do, and what mistakes look like.

use fixtures::{Authority, Nats};
use sockeye::{Broker, Hub};
use sockeye_nats::NatsBroker;

use crate::{hub, serve, until, within};

const USERS: &str = r#"
authorization {
  users = [
    { user: "chat", password: "se/cr:et" }
    { user: "some", password: "x", permissions: { publish: { deny: "sockeye.room:mute" , allow: "sockeye.>" }, subscribe: { allow: "sockeye.>", deny: "sockeye.room:secret" } } }
    { user: "none", password: "x", permissions: { publish: "other.>", subscribe: "other.>" } }
  ]
}"#;

/// Why a node is not ready, once that is known.
async fn refusal(broker: NatsBroker) -> String {
    let place = broker.describe();
    let hub = Hub::with_broker(broker);
    until("a refusal", || {
        hub.readiness().to_string().contains("cannot be reached")
    })
    .await;
    let why = hub.readiness().to_string();
    assert!(why.contains(&place), "{why}");
    why
}

#[tokio::test]
async fn users_are_let_in_by_address_or_by_name_and_nobody_else_is() {
    let nats = Nats::start_with(USERS).await;
    let address = format!("127.0.0.1:{}", nats.port());
    hub(&format!("nats://chat:se%2Fcr%3Aet@{address}")).await;
    let plain = || NatsBroker::new(format!("nats://{address}")).unwrap();
    let named = Hub::with_broker(plain().user("chat", "se/cr:et"));
    within("a session", named.ready()).await;
    for broker in [
        plain(),
        plain().user("chat", "wrong-secret"),
        plain().token("wrong-secret"),
    ] {
        let why = refusal(broker).await;
        assert!(why.contains("authorization violation"), "{why}");
        assert!(!why.contains("wrong-secret"), "{why}");
    }
}

#[tokio::test]
async fn a_token_in_the_address_lets_in() {
    let nats = Nats::start_with("authorization { token: \"to-ken\" }").await;
    hub(&format!("nats://to-ken@127.0.0.1:{}", nats.port())).await;
    let broker = NatsBroker::new(nats.url()).unwrap().token("to-ken");
    let hub = Hub::with_broker(broker);
    within("a session", hub.ready()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forbidden_group_is_refused_to_whoever_joins_and_others_go_on() {
    let nats = Nats::start_with(USERS).await;
    let hub = hub(&format!("nats://some:x@127.0.0.1:{}", nats.port())).await;
    let server = serve(&hub);
    let mut client = server.connect("/").await;
    let mut refused = 0;
    for round in 0..20 {
        client.send_text("secret");
        let answer = client.receive_text().await;
        if answer == "joined secret" {
            // What the server said has come late, as it may on a busy machine: it is told all the same.
            assert_eq!(client.receive_text().await, "gap in room:secret");
            break;
        }
        let is_refusal = answer.contains("refused") && answer.contains("Permissions Violation");
        assert!(is_refusal, "{round}: {answer}");
        refused += 1;
        client.send_text(&format!("open {round}"));
        let answer = client.receive_text().await;
        assert_eq!(answer, format!("joined open {round}"));
        assert_eq!(hub.stats().broker.sessions, 1);
    }
    assert!(refused > 0, "no refusal was in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_that_is_taken_back_is_no_silence() {
    let rights = |denied: &str| {
        let rights =
            format!("subscribe: {{ allow: \"sockeye.>\", deny: [{denied}] }}, publish: \">\"");
        format!(
            "authorization {{ users = [ {{ user: \"a\", password: \"b\", permissions: {{ {rights} }} }} ] }}"
        )
    };
    let nats = Nats::start_with(&rights("")).await;
    let hub = hub(&format!("nats://a:b@127.0.0.1:{}", nats.port())).await;
    let server = serve(&hub);
    let mut client = server.connect("/").await;
    client.send_text("lobby");
    assert_eq!(client.receive_text().await, "joined lobby");
    nats.reconfigure(&rights("\"sockeye.room:lobby\""));
    assert_eq!(client.receive_text().await, "gap in room:lobby");
    within("another session", hub.ready()).await;
    assert_eq!(hub.stats().broker.sessions, 2);
    client.send_text("open");
    assert_eq!(client.receive_text().await, "joined open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forbidden_publication_is_lost_alone_and_told() {
    let nats = Nats::start_with(USERS).await;
    let hub = hub(&format!("nats://some:x@127.0.0.1:{}", nats.port())).await;
    let mute = hub.group(("room", "mute")).unwrap();
    let open = hub.group(("room", "open")).unwrap();
    for count in 1..=2 {
        mute.broadcast("into the void").unwrap();
        assert!(
            hub.flush().await.is_err(),
            "the first is known to be lost as well"
        );
        assert_eq!(hub.stats().broker.lost, count);
    }
    open.broadcast("heard").unwrap();
    hub.flush().await.unwrap();
    assert_eq!(hub.stats().broker.sessions, 1);
}

#[tokio::test]
async fn a_node_that_may_not_use_the_prefix_says_so() {
    let nats = Nats::start_with(USERS).await;
    let broker = NatsBroker::new(nats.url()).unwrap().user("none", "x");
    let why = refusal(broker).await;
    assert!(
        why.contains("must be allowed") && why.contains("Permissions Violation"),
        "{why}"
    );
}

#[tokio::test]
async fn tls_wants_the_right_name_of_the_right_authority() {
    let authority = Authority::new();
    let right = authority.certify("localhost");
    let nats = Nats::start_tls(&right).await;
    let named = format!("tls://localhost:{}", nats.port());
    let trusting = |url: &str, pem: &str| {
        NatsBroker::new(url)
            .unwrap()
            .root_certificates(pem)
            .unwrap()
    };
    let hub = Hub::with_broker(trusting(&named, &right.authority));
    within("a session over TLS", hub.ready()).await;
    // The address is not the certificate's name.
    let why = refusal(trusting(&nats.url(), &right.authority)).await;
    assert!(why.contains("certificate"), "{why}");
    let stranger = Authority::new().certify("localhost");
    let why = refusal(trusting(&named, &stranger.authority)).await;
    assert!(why.contains("certificate"), "{why}");
    let why = refusal(NatsBroker::new(format!("nats://localhost:{}", nats.port())).unwrap()).await;
    assert!(why.contains("write tls://"), "{why}");
}

#[test]
fn mistakes_say_what_to_write_and_no_secrets() {
    for (address, found) in [
        ("", "does not begin"),
        ("localhost:4222", "does not begin"),
        ("redis://localhost", "redis:// is not of NATS"),
        ("ws://localhost", "ws:// is not of NATS"),
        ("nats://", "no host"),
        ("nats://user:hunter2@local host", "no valid address"),
        ("nats://user:hunter2@localhost:99999", "no valid address"),
        ("nats://user:hunter2@localhost/subject", "more than a host"),
        ("nats://a,tls://b", "write tls:// before all"),
        ("nats://a,", "does not begin"),
    ] {
        let error = NatsBroker::new(address).unwrap_err().to_string();
        assert!(error.contains(found), "{address:?}: {error}");
        assert!(error.contains("write "), "{address:?}: {error}");
        assert!(!error.contains("hunter2"), "{address:?}: {error}");
    }
    let broker = NatsBroker::new("nats://user:hunter2@a:1,nats://b")
        .unwrap()
        .token("hunter2");
    assert_eq!(broker.describe(), "NATS at a:1, b:4222");
    assert!(!format!("{broker:?}").contains("hunter2"));
    let error = broker.root_certificates("").unwrap_err().to_string();
    assert!(error.contains("write tls://"), "{error}");
    let error = NatsBroker::new("tls://a")
        .unwrap()
        .root_certificates("no certificate")
        .unwrap_err()
        .to_string();
    assert!(error.contains("there is none in the text"), "{error}");
}

#[cfg(feature = "credentials")]
#[test]
fn credentials_that_are_none_are_refused() {
    let broker = NatsBroker::new("nats://a").unwrap();
    let error = broker.credentials("hunter2").unwrap_err().to_string();
    assert!(
        error.contains(".creds") && !error.contains("hunter2"),
        "{error}"
    );
}
