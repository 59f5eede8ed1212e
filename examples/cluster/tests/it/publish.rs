//! A program in another language publishes through Redis alone.

use std::io::ErrorKind;
use std::process::Stdio;

use cluster::BrokerServer;
use tokio::process::Command;

use crate::client::Client;
use crate::node;

/// Runs `publish.py`; gives what it prints.
async fn publish(words: &[&str]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/publish.py");
    let mut python = Command::new("python3");
    python.arg(script).args(words).stderr(Stdio::inherit());
    let output = match python.output().await {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("this test needs python3: install the Debian package python3")
        }
        output => output.unwrap(),
    };
    assert!(output.status.success(), "{}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn python_talks_to_all_clients_and_to_their_handlers() {
    let broker = BrokerServer::redis().await;
    let (one, two) = (node(&broker).await, node(&broker).await);
    let mut ada = Client::enter(one.address(), "lobby", "ada").await;
    let mut bob = Client::enter(two.address(), "lobby", "bob").await;
    ada.hears("bob joined").await;
    let url = broker.url();
    for words in [
        &[&*url, "lobby", "grüße"][..],
        &["--notify", &url, "lobby", "grüße"],
    ] {
        assert_eq!(publish(words).await, "heard by 2 nodes\n");
        for client in [&mut ada, &mut bob] {
            client.hears("Python said grüße").await;
        }
    }
    assert_eq!(
        publish(&[&url, "another room", "hello?"]).await,
        "heard by 0 nodes\n"
    );
    drop((ada, bob));
    for node in [one, two] {
        node.end().await.unwrap();
    }
}
