//! What the kit promises.

use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use sockeye::Server;
use sockeye::testing::{TestClient, TestServer};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::app::App;
use crate::{GetTopic, NewMessage, SendMessage, Sent, Topic, routes};

fn server() -> TestServer {
    TestServer::new(routes(App::default()))
}

fn say(client: &TestClient, text: &str) {
    let text = text.to_owned();
    client.send(SendMessage { text });
}

#[tokio::test]
async fn a_direct_reply_reaches_the_sender_alone() {
    let server = server();
    let mut ann = server.client("/ws/rust").bearer("user-1").connect().await;
    let mut bob = server.client("/ws/rust").bearer("user-2").connect().await;
    ann.send(GetTopic);
    let title = "About rust".to_owned();
    assert_eq!(ann.expect::<Topic>().await, Topic { title, messages: 0 });
    bob.assert_silent().await;
}

#[tokio::test]
async fn a_message_gives_a_reply_first_and_a_broadcast_to_all() {
    let server = server();
    let mut ann = server.client("/ws/rust").bearer("user-1").connect().await;
    let mut bob = server.connect("/ws/rust?token=user-2").await;
    let mut eve = server.connect("/ws/go?token=user-3").await;
    say(&ann, "hi");
    assert_eq!(ann.expect::<Sent>().await, Sent { number: 1 });
    for client in [&mut ann, &mut bob] {
        let text = "hi".to_owned();
        assert_eq!(
            client.expect::<NewMessage>().await,
            NewMessage { by: 1, text }
        );
    }
    eve.assert_silent().await;
}

#[tokio::test]
async fn an_error_tells_its_status_and_text_and_the_connection_goes_on() {
    let server = server();
    let mut ann = server.client("/ws/rust").bearer("user-1").connect().await;
    say(&ann, "");
    let error = ann.receive_json::<Value>().await;
    assert_eq!(error["action"], "error");
    assert_eq!(error["payload"]["code"], 422);
    assert_eq!(error["payload"]["message"], "say something");
    say(&ann, "something");
    assert_eq!(ann.expect::<Sent>().await, Sent { number: 1 });
}

#[tokio::test]
async fn users_and_topics_are_validated_before_the_upgrade() {
    let server = server();
    for (path, status) in [
        ("/ws/rust", 401),
        ("/ws/rust?token=nobody", 401),
        ("/ws/closed?token=user-1", 403),
    ] {
        let refused = server.client(path).try_connect().await;
        assert_eq!(refused.unwrap_err().status, status, "{path}");
    }
}

#[tokio::test]
async fn identical_loads_at_the_same_time_are_one() {
    let app = App::default();
    let loads = (0..10).map(|_| app.title("rust"));
    for title in join_all(loads).await {
        assert_eq!(title.unwrap(), "About rust");
    }
    assert_eq!(app.loads(), 1);
}

#[tokio::test]
async fn a9_clients_that_ask_for_the_same_at_once_share_one_load() {
    let app = App::default();
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/ws/rust?token=user-1", server.address().unwrap());
    let running = tokio::spawn(server.run(routes(app.clone())));
    let ask = async || {
        let (mut socket, _) = connect_async(&url).await.unwrap();
        let question = Message::text(r#"{"action":"get_topic"}"#);
        socket.send(question).await.unwrap();
        socket.next().await.unwrap().unwrap().into_text().unwrap()
    };
    for answer in join_all((0..10).map(|_| ask())).await {
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["payload"]["title"], "About rust", "{answer}");
    }
    assert_eq!(app.loads(), 1);
    running.abort();
}
