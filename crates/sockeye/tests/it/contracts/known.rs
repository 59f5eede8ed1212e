//! What a handler knows of its connection, and where it can publish from: rows that several frameworks share.

use std::collections::HashMap;

use axum::extract::Query;
use serde_json::{Value, json};
use sockeye::{Context, Handler, Json, Message, Path, Result, Router, endpoint};

use crate::harness::{Client, serve};

#[derive(Clone, Debug, PartialEq)]
struct Room {
    id: u32,
    name: &'static str,
}

#[derive(serde::Deserialize)]
struct Wanted {
    page: u8,
}

async fn by_name(Query(query): Query<HashMap<String, String>>) -> Result<Option<String>> {
    Ok(query.get("user").cloned())
}

async fn room(Path(id): Path<u32>) -> Option<Room> {
    (id == 7).then_some(Room { id, name: "seven" })
}

/// Tells its client all that it knows of it.
struct Knower;

impl Handler for Knower {
    type Incoming = String;
    type Outgoing = Json<Value>;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let user: &String = cx.user()?;
        let room: &Room = cx.object()?;
        let id: u32 = cx.params().get("id")?;
        let wanted: Wanted = cx.query().parse()?;
        cx.reply(Json(json!({
            "user": user,
            "room": room.name,
            "same": room.id == id,
            "page": wanted.page,
            "method": cx.handshake().method().as_str(),
            "path": cx.path(),
            "agent": cx.headers().get("user-agent"),
            "cookie": cx.cookies().get("theme"),
        })))
    }
}

#[tokio::test]
async fn c5_a_handler_knows_its_user_its_object_and_the_whole_request() {
    let knower = endpoint(|| Knower).authenticate(by_name).load(room);
    let server = serve(Router::new().route("/rooms/{id}", knower)).await;
    let headers = [("user-agent", "test"), ("cookie", "theme=dark")];
    let path = "/rooms/7?user=ada&page=3";
    let mut client = server.try_connect(path, &headers).await.ok().unwrap();
    let known = json!({
        "user": "ada", "room": "seven", "same": true, "page": 3,
        "method": "GET", "path": "/rooms/7", "agent": "test", "cookie": "dark",
    });
    assert_eq!(client.json().await, known);
}

#[derive(Message)]
struct Follow(Vec<String>);

#[derive(Message)]
struct News {
    number: u32,
}

/// Follows the topics that its client names, and says when it does.
struct Reader;

impl Handler for Reader {
    type Incoming = Follow;
    type Outgoing = Follow;

    async fn on_message(&mut self, cx: &mut Context<Self>, follow: Follow) -> Result<()> {
        for topic in &follow.0 {
            cx.join(("topic", topic)).await?;
        }
        cx.reply(follow)
    }
}

async fn news(client: &mut Client) -> u64 {
    let news = client.json().await;
    assert_eq!(news["action"], "news");
    news["payload"]["number"].as_u64().unwrap()
}

#[tokio::test]
async fn a10_what_is_published_outside_of_handlers_reaches_several_topics_in_order() {
    let server = serve(Router::new().route("/", endpoint(|| Reader))).await;
    let mut client = server.connect("/").await;
    client
        .send(r#"{"action":"follow","payload":["rust","fish"]}"#)
        .await;
    assert_eq!(client.json().await["action"], "follow");
    let hub = server.hub.clone();
    let elsewhere = std::thread::spawn(move || {
        for (number, topic) in (0..500).zip(["rust", "fish"].into_iter().cycle()) {
            let group = hub.group(("topic", topic)).unwrap();
            group.broadcast(News { number }).unwrap();
        }
    });
    for number in 0..500 {
        assert_eq!(news(&mut client).await, number);
    }
    elsewhere.join().unwrap();
}
