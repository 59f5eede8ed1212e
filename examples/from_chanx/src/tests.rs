//! What the page promises; the first test is its own.

use axum::body::Body;
use http::Request;
use http::header::SET_COOKIE;
use serde_json::{Value, json};
use sockeye::testing::{TestClient, TestServer};

use crate::chat::{
    Announce, Announcement, Divide, Facts, Quotient, Received, Say, Shout, WhereAmI,
};
use crate::routes;

fn server() -> TestServer {
    TestServer::new(routes())
}

/// A client in a room, told who it is.
async fn enter(server: &TestServer, path: &str, name: &str) -> TestClient {
    let token = format!("Token token-of-{name}");
    let client = server.client(path).header("authorization", &token);
    let mut client = client.connect().await;
    client.assert_authenticated().await;
    client
}

#[tokio::test]
async fn test_chat_message() {
    let server = server();
    let mut client = enter(&server, "/ws/chat/room1/", "bob").await;
    client.send(Say("Hello".to_owned()));
    let messages = client.receive_all::<Received>().await;
    assert_eq!(messages, [Received("Received: Hello".to_owned())]);
}

#[tokio::test]
async fn the_minimal_consumer_answers_a_ping() {
    let server = server();
    let mut client = server.connect("/ws/").await;
    client.assert_authenticated().await;
    client.send_json(&json!({ "action": "ping" }));
    assert_eq!(
        client.receive_all::<sockeye::Json<Value>>().await[0].0["action"],
        "pong"
    );
}

#[tokio::test]
async fn who_signed_in_by_http_comes_in_by_the_session() {
    let server = server();
    let request = Request::post("/login/ann").body(Body::empty()).unwrap();
    let answer = server.http(request).await;
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    let (cookie, _) = cookie.split_once(';').unwrap();
    let client = server.client("/ws/chat/room1/").header("cookie", cookie);
    client.connect().await.assert_authenticated().await;
}

#[tokio::test]
async fn strangers_are_told_401_others_403_and_404() {
    let server = server();
    let refused = async |path: &str, token: &str, status: u16| {
        let client = server.client(path).header("authorization", token);
        client.connect().await.assert_refused(status).await;
    };
    refused("/ws/chat/room1/", "Token nobody", 401).await;
    refused("/ws/chat/room1/", "Token token-of-eve", 403).await;
    refused("/ws/chat/room3/", "Token token-of-ann", 404).await;
}

#[tokio::test]
async fn members_of_the_room_are_told_whose_message_it_is() {
    let server = server();
    let mut phone = enter(&server, "/ws/chat/room1/", "ann").await;
    let mut laptop = enter(&server, "/ws/chat/room1/", "ann").await;
    let mut bob = enter(&server, "/ws/chat/room1/", "bob").await;
    let mut elsewhere = enter(&server, "/ws/chat/room2/", "bob").await;
    phone.send(Shout("hi".to_owned()));
    for (client, is_mine, is_current) in [
        (&mut phone, true, true),
        (&mut laptop, true, false),
        (&mut bob, false, false),
    ] {
        let said = client.receive_json::<Value>().await;
        assert_eq!(said["payload"], json!({ "by": "ann", "text": "HI" }));
        assert_eq!(said["is_mine"], is_mine);
        assert_eq!(said["is_current"], is_current);
    }
    elsewhere.assert_silent().await;
}

#[tokio::test]
async fn errors_name_the_field_and_the_connection_goes_on() {
    let server = server();
    let mut client = enter(&server, "/ws/chat/room1/", "bob").await;
    let mut errors = async |message: Value| {
        client.send_json(&message);
        let told = client.receive_all::<sockeye::Json<Value>>().await;
        assert_eq!(told.len(), 1);
        told[0].0["payload"].clone()
    };
    let told = errors(json!({ "action": "say", "payload": "" })).await;
    assert_eq!(told["errors"][0]["type"], "value_error");
    assert_eq!(told["errors"][0]["loc"], json!(["payload"]));
    let told = errors(json!({ "payload": "Hello" })).await;
    assert_eq!(told["errors"][0]["type"], "union_tag_not_found");
    let told = errors(json!({ "action": "divide", "payload": { "by": 0 } })).await;
    assert_eq!(told["message"], "cannot divide by zero");
    let told = errors(json!({ "action": "announce", "payload": "free cake" })).await;
    assert_eq!(told["code"], 403);

    client.send(Divide { by: 6 });
    assert_eq!(client.receive_all::<Quotient>().await, [Quotient(7)]);
}

#[tokio::test]
async fn a_message_to_a_named_group_reaches_its_members() {
    let server = server();
    let mut bob = server.connect("/ws/notifications/bob/").await;
    bob.assert_authenticated().await;
    let mut ann = enter(&server, "/ws/chat/room1/", "ann").await;
    ann.send(Announce("cake".to_owned()));
    assert_eq!(
        bob.expect::<Announcement>().await,
        Announcement("cake".to_owned())
    );
    assert_eq!(ann.receive_all::<Announcement>().await, []);
}

#[tokio::test]
async fn the_consumer_knows_its_user_object_and_request() {
    let server = server();
    let mut client = enter(&server, "/ws/chat/room2/?language=de", "bob").await;
    client.send(WhereAmI);
    let expected = Facts {
        user: "bob".to_owned(),
        room: "room2".to_owned(),
        path: "/ws/chat/room2/".to_owned(),
        language: Some("de".to_owned()),
        status: "online".to_owned(),
    };
    assert_eq!(client.receive_all::<Facts>().await, [expected]);
}

#[tokio::test]
async fn notifications_reach_a_user_by_name_from_anywhere() {
    let server = server();
    let mut client = server.connect("/ws/notifications/bob/").await;
    client.assert_authenticated().await;
    let bob = server.hub().group(("user", "bob")).unwrap();
    bob.broadcast("you have mail").unwrap();
    assert_eq!(client.receive_text().await, "you have mail");
}
