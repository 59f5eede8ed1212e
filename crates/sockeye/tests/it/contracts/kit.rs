//! axum-realtime-kit: typed handlers with a context, direct replies and broadcasts.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{FromRequestParts, State};
use http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sockeye::{
    Broker, BrokerFuture, CloseCode, Context, Disconnect, Error, ErrorKind, GroupName, Handler,
    Hub, Inbound, Json, MemoryBroker, Parcel, Refused, Rejection, Result, Router, Sender, Session,
    endpoint, endpoint_with,
};
use tokio::sync::watch;

use crate::contracts::notes::{Notes, notes};
use crate::harness::{Client, serve, serve_with};

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClientMessage {
    Direct,
    Broadcast,
    Both,
    BroadcastFirst,
    Neither,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
enum ServerEvent {
    Answer { count: u32 },
    News { from: i64 },
}

/// The shared application state.
#[derive(Clone, Default)]
struct App {
    handled: Arc<AtomicU32>,
    senders: Arc<Mutex<Vec<Sender>>>,
}

/// The user's id, from the token that the client shows.
#[derive(Clone, Copy, Debug)]
struct UserId(i64);

impl<S: Send + Sync> FromRequestParts<S> for UserId {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let token = parts.headers.get("authorization");
        let id = token.and_then(|token| token.to_str().ok()?.strip_prefix("Bearer ")?.parse().ok());
        id.map(Self)
            .ok_or_else(|| Rejection::unauthorized("no token"))
    }
}

struct Room {
    app: App,
    user: UserId,
}

async fn room(State(app): State<App>, user: UserId) -> Room {
    Room { app, user }
}

impl Handler for Room {
    type Incoming = Json<ClientMessage>;
    type Outgoing = Json<ServerEvent>;

    fn groups(&self, cx: &Context<Self>) -> Result<Vec<GroupName>> {
        Ok(vec![GroupName::new(["room", cx.param("room")?])?])
    }

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        self.app.senders.lock().unwrap().push(cx.sender());
        Ok(())
    }

    async fn on_message(
        &mut self,
        cx: &mut Context<Self>,
        Json(message): Json<ClientMessage>,
    ) -> Result<()> {
        let count = self.app.handled.fetch_add(1, Ordering::SeqCst) + 1;
        let answer = Json(ServerEvent::Answer { count });
        let news = Json(ServerEvent::News { from: self.user.0 });
        match message {
            ClientMessage::Direct => cx.reply(answer),
            ClientMessage::Broadcast => cx.broadcast(news),
            ClientMessage::Both => cx.reply(answer).and_then(|()| cx.broadcast(news)),
            ClientMessage::BroadcastFirst => cx.broadcast(news).and_then(|()| cx.reply(answer)),
            ClientMessage::Neither => Ok(()),
        }
    }
}

async fn enter(server: &crate::harness::Running, room: &str, user: u8) -> Client {
    let token = format!("Bearer {user}");
    let path = format!("/rooms/{room}");
    let client = server
        .try_connect(&path, &[("authorization", &token)])
        .await;
    client.expect("an upgrade")
}

fn routes(app: &App) -> Router<App> {
    Router::with_state(app.clone()).route("/rooms/{room:slug}", endpoint_with(room))
}

#[tokio::test]
async fn a1_a_handler_has_its_message_types_state_and_user_id() {
    let app = App::default();
    let server = serve(routes(&app)).await;
    let (mut ada, mut bob) = (
        enter(&server, "one", 1).await,
        enter(&server, "two", 2).await,
    );
    ada.send(r#""direct""#).await;
    assert_eq!(ada.json().await, json!({ "event": "answer", "count": 1 }));
    bob.send(r#""direct""#).await;
    assert_eq!(
        bob.json().await,
        json!({ "event": "answer", "count": 2 }),
        "one state for all"
    );
    bob.send(r#""broadcast""#).await;
    assert_eq!(
        bob.json().await,
        json!({ "event": "news", "from": 2 }),
        "a user for each"
    );
    assert_eq!(app.handled.load(Ordering::SeqCst), 3);
    assert_eq!(server.refused("/rooms/one", &[]).await.status(), 401);
    ada.send(r#""unheard of""#).await;
    assert_eq!(ada.closed().await.map(|(code, _)| code), Some(1003));
}

#[tokio::test]
async fn a2_the_context_has_ids_topics_state_and_a_sender_to_keep() {
    struct Facts(UserId);
    impl Handler for Facts {
        type Incoming = String;
        type Outgoing = serde_json::Value;

        async fn on_message(&mut self, cx: &mut Context<Self>, _: String) -> Result<()> {
            cx.join(("room", "one")).await?;
            cx.join(("user", self.0.0)).await?;
            let groups = cx
                .groups()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>();
            let same = cx.id() == cx.sender().id();
            cx.reply(json!({ "id": cx.id().to_string(), "user": self.0.0, "groups": groups, "same": same }))
        }
    }
    async fn facts(user: UserId) -> Facts {
        Facts(user)
    }
    let app = App::default();
    let server = serve(routes(&app).route("/facts", endpoint_with(facts))).await;
    let mut ids = Vec::new();
    for user in ["7", "8"] {
        let token = [("authorization", &*format!("Bearer {user}"))];
        let mut client = server
            .try_connect("/facts", &token)
            .await
            .expect("an upgrade");
        client.send("who am I?").await;
        let told = client.json().await;
        assert_eq!(told["user"], json!(user.parse::<i64>().unwrap()));
        assert_eq!(told["groups"], json!(["room:one", format!("user:{user}")]));
        assert_eq!(told["same"], true);
        ids.push(told["id"].clone());
    }
    assert_ne!(ids[0], ids[1], "an id of its own for each connection");
}

#[tokio::test]
async fn a2_a_kept_sender_reaches_its_client_from_anywhere_and_keeps_nothing_open() {
    let app = App::default();
    let server = serve(routes(&app)).await;
    let mut client = enter(&server, "one", 1).await;
    client.send(r#""direct""#).await;
    client.json().await;
    let sender = app.senders.lock().unwrap().pop().expect("a sender");
    let clone = sender.clone();
    tokio::spawn(async move { clone.send(json!("from a task")).await })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(client.json().await, json!("from a task"));
    client.close(CloseCode::NORMAL, "").await;
    client.closed().await;
    server.empty().await;
    assert!(!sender.is_open());
    assert_eq!(
        sender.try_send("too late").unwrap_err().kind(),
        ErrorKind::Closed
    );
}

#[tokio::test]
async fn a3_a_message_gives_a_reply_a_broadcast_both_or_neither_the_reply_first() {
    let server = serve(routes(&App::default())).await;
    let (mut ada, mut bob) = (
        enter(&server, "one", 1).await,
        enter(&server, "one", 2).await,
    );
    server.members("room", "one", 2).await;
    let answer = |count: u32| json!({ "event": "answer", "count": count });
    let news = json!({ "event": "news", "from": 1 });
    for (message, own, others) in [
        ("direct", vec![answer(1)], vec![]),
        ("broadcast", vec![news.clone()], vec![news.clone()]),
        ("both", vec![answer(3), news.clone()], vec![news.clone()]),
        (
            "broadcast_first",
            vec![answer(4), news.clone()],
            vec![news.clone()],
        ),
        ("neither", vec![], vec![]),
        ("both", vec![answer(6), news.clone()], vec![news.clone()]),
    ] {
        ada.send(format!("{message:?}")).await;
        for expected in own {
            assert_eq!(ada.json().await, expected, "{message}");
        }
        for expected in others {
            assert_eq!(bob.json().await, expected, "{message}");
        }
    }
}

/// A broker whose subscriptions become live when the test says so.
struct Gated {
    broker: MemoryBroker,
    open: watch::Receiver<bool>,
    notes: Notes,
}

impl Broker for Gated {
    fn describe(&self) -> String {
        "a gated broker".to_owned()
    }

    fn connect(&self, inbound: Inbound) -> BrokerFuture<'_, Box<dyn Session>> {
        Box::pin(async move {
            let session = self.broker.connect(inbound).await?;
            let (open, notes) = (self.open.clone(), self.notes.clone());
            Ok(Box::new(Gate {
                session,
                open,
                notes,
            }) as Box<dyn Session>)
        })
    }
}

/// Its session.
struct Gate {
    session: Box<dyn Session>,
    open: watch::Receiver<bool>,
    notes: Notes,
}

impl Session for Gate {
    fn publish<'a>(&'a self, parcels: &'a [Parcel]) -> BrokerFuture<'a, Vec<Refused>> {
        self.session.publish(parcels)
    }

    fn subscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a, Vec<Refused>> {
        if topics.iter().all(|topic| topic.starts_with('!')) {
            return self.session.subscribe(topics);
        }
        Box::pin(async move {
            self.notes.write("subscribing");
            self.open.clone().wait_for(|open| *open).await?;
            let refused = self.session.subscribe(topics).await?;
            self.notes.write("subscribed");
            Ok(refused)
        })
    }

    fn unsubscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a> {
        self.session.unsubscribe(topics)
    }

    fn ping(&self) -> BrokerFuture<'_> {
        self.session.ping()
    }
}

/// A member that tells of its life and fails on demand.
struct Member(Notes);

impl Handler for Member {
    type Incoming = String;
    type Outgoing = String;

    fn groups(&self, _: &Context<Self>) -> Result<Vec<GroupName>> {
        Ok(vec![GroupName::new(["room"])?])
    }

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        self.0.write("connect");
        match cx.query().get("how").as_deref() {
            Some("panic") => panic!("on_connect"),
            _ => cx.broadcast("somebody came".to_owned()),
        }
    }

    async fn on_message(&mut self, _: &mut Context<Self>, text: String) -> Result<()> {
        match text.as_str() {
            "panic" => panic!("on_message"),
            _ => Err(Error::new(text)),
        }
    }

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, _: Disconnect) {
        assert!(cx.groups().is_empty(), "it has left its groups");
        self.0.write("disconnect");
    }
}

#[tokio::test]
async fn a6_on_connect_comes_once_the_subscription_is_live() {
    let (notes, mut reader) = notes();
    let (open, opened) = watch::channel(false);
    let other = MemoryBroker::new();
    let gated = Gated {
        broker: other.clone(),
        open: opened,
        notes: notes.clone(),
    };
    let (here, elsewhere) = (Hub::with_broker(gated), Hub::with_broker(other));
    let routes = Router::new()
        .hub(&here)
        .route("/", endpoint(move || Member(notes.clone())));
    let server = serve(routes).await;
    let mut client = server.connect("/").await;
    assert_eq!(reader.next().await, "subscribing");
    assert!(
        reader.rest().is_empty(),
        "on_connect waits for the subscription"
    );
    open.send(true).unwrap();
    assert_eq!(reader.next().await, "subscribed");
    assert_eq!(reader.next().await, "connect");
    assert_eq!(
        client.text().await,
        "somebody came",
        "its own broadcast reaches it"
    );
    elsewhere
        .group("room")
        .unwrap()
        .broadcast("from another node")
        .unwrap();
    assert_eq!(client.text().await, "from another node");
}

#[tokio::test]
async fn a6_on_disconnect_comes_exactly_once_panics_included() {
    let (notes, mut reader) = notes();
    let mut options = sockeye::ServerOptions::default();
    options.drain_window = std::time::Duration::ZERO;
    let routes = Router::new().route("/", endpoint(move || Member(notes.clone())));
    let server = serve_with(routes, options).await;
    for (path, word) in [
        ("/?how=panic", None),
        ("/", Some("panic")),
        ("/", Some("fail")),
        ("/", None),
    ] {
        let mut client = server.connect(path).await;
        if let Some(word) = word {
            client.send(word).await;
            assert_eq!(client.closed().await.map(|(code, _)| code), Some(1011));
        }
        drop(client);
        server.empty().await;
        assert_eq!(reader.rest(), ["connect", "disconnect"], "{path} {word:?}");
    }
    let mut last = server.connect("/").await;
    assert_eq!(last.text().await, "somebody came");
    server.handle.drain();
    assert_eq!(last.closed().await.map(|(code, _)| code), Some(1012));
    crate::harness::within("the server's end", server.ended)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(reader.rest(), ["connect", "disconnect"]);
}
