//! Users of a node: their connections found, ended, and asked again whether they may be here.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State;
use parking_lot::Mutex;
use sockeye::{
    Access, Cause, CloseCode, Context, Disconnect, Error, Handler, IntoEndpoint, Path, Permission,
    Result, Router, WebSocket, bearer, endpoint,
};
use tokio::sync::watch;

use crate::contracts::auth::{Account, Greeter, authorization, by_token, enter};
use crate::contracts::notes::{Notes, notes};
use crate::harness::{Client, Running, serve, until};

async fn connect(server: &Running, path: &str, name: &str) -> Client {
    let value = format!("Bearer token.of.{name}");
    enter(server, path, &authorization(&value)).await
}

struct Hears(Notes);

impl Handler for Hears {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, _: String) -> Result<()> {
        cx.reply(format!("{:?}", cx.user_id()))
    }

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, disconnect: Disconnect) {
        let count = cx.hub().user("ann").count();
        self.0.write(format!("{:?} {count}", disconnect.cause()));
    }
}

#[tokio::test]
async fn c1_the_connections_of_a_user_are_known_while_they_are_there() {
    let (notes, mut reader) = notes();
    let routes = Router::new()
        .route(
            "/",
            endpoint(move || Hears(notes.clone())).authenticate(bearer(by_token)),
        )
        .route(
            "/open",
            endpoint(|| Greeter)
                .authenticate(bearer(by_token))
                .allow_anonymous(),
        );
    let server = serve(routes).await;
    let mut ann = [
        connect(&server, "/", "ann").await,
        connect(&server, "/", "ann").await,
    ];
    let mut ben = connect(&server, "/", "ben").await;
    let nobody = server.connect("/open").await;
    for client in &mut ann {
        client.send("who am i").await;
        assert_eq!(client.text().await, "Some(\"ann\")");
    }
    ben.send("who am i").await;
    assert_eq!(ben.text().await, "Some(\"ben\")");
    let user = server.hub.user("ann");
    let known: HashSet<_> = user.connections().into_iter().collect();
    assert_eq!(
        (known.len(), user.count(), server.hub.user("ben").count()),
        (2, 2, 1)
    );
    assert_eq!(
        server.hub.user("nobody").count() + server.hub.user("").count(),
        0
    );
    let [mut first, second] = ann;
    first.close(CloseCode::NORMAL, "").await;
    // It is no connection of its user any more when its handler hears of its end.
    assert_eq!(reader.next().await, format!("{:?} 1", Cause::PeerClosed));
    drop((second, ben, nobody));
    server.empty().await;
    assert_eq!(user.count(), 0);
}

#[tokio::test]
async fn c1_a_user_is_disconnected_everywhere_at_once_and_others_notice_nothing() {
    let (notes, mut reader) = notes();
    async fn waits(mut socket: WebSocket) -> Result<()> {
        while socket.receive_text().await?.is_some() {}
        Ok(())
    }
    let routes = Router::new()
        .route(
            "/handler",
            endpoint(move || Hears(notes.clone())).authenticate(bearer(by_token)),
        )
        .route("/function", waits.authenticate(bearer(by_token)));
    let server = serve(routes).await;
    let mut clients = [
        connect(&server, "/handler", "ann").await,
        connect(&server, "/function", "ann").await,
    ];
    let mut ben = connect(&server, "/handler", "ben").await;
    let user = server.hub.user("ann");
    until("both connections", || user.count() == 2).await;
    user.disconnect(CloseCode::new(4401), "signed out");
    for client in &mut clients {
        assert_eq!(client.closed().await, Some((4401, "signed out".to_owned())));
    }
    assert_eq!(reader.next().await, format!("{:?} 0", Cause::Revoked));
    ben.send("who am i").await;
    assert_eq!(ben.text().await, "Some(\"ben\")");
    // Who comes again is let in: that is for the authenticators to say.
    connect(&server, "/handler", "ann")
        .await
        .send("hello")
        .await;
}

/// The rooms of the test, and who is in them.
#[derive(Clone, Default)]
struct Rooms {
    members: Arc<Mutex<HashSet<(String, String)>>>,
    gate: Option<watch::Receiver<bool>>,
    arrived: Option<Notes>,
}

impl Rooms {
    fn set(&self, room: &str, name: &str, member: bool) {
        let place = (room.to_owned(), name.to_owned());
        match member {
            true => self.members.lock().insert(place),
            false => self.members.lock().remove(&place),
        };
    }
}

#[derive(Clone)]
struct Room {
    name: String,
    members: HashSet<String>,
}

async fn room(State(rooms): State<Rooms>, Path(room): Path<String>) -> Result<Option<Room>> {
    if room == "panics"
        && !rooms
            .members
            .lock()
            .contains(&(room.clone(), "ann".to_owned()))
    {
        panic!("the loader panics");
    }
    let members = rooms.members.lock().clone().into_iter();
    let members: HashSet<_> = members
        .filter(|(found, _)| *found == room)
        .map(|(_, name)| name)
        .collect();
    Ok((!members.is_empty()).then_some(Room {
        name: room,
        members,
    }))
}

struct IsMember;

impl Permission<Account, Room> for IsMember {
    async fn check(&self, access: &Access<'_, Account, Room>) -> Result<bool> {
        if access.object.members.contains("fails") {
            return Err(Error::new("the password is 1234"));
        }
        Ok(access
            .user
            .is_some_and(|account| access.object.members.contains(&account.name)))
    }
}

struct Chat;

impl Handler for Chat {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, _: String) -> Result<()> {
        let room: &Room = cx.object()?;
        cx.reply(format!("{} {}", room.name, room.members.len()))
    }
}

#[tokio::test]
async fn c2_a_recheck_asks_loaders_and_permissions_again_and_closes_who_may_not_stay() {
    let rooms = Rooms::default();
    for (room, name) in [
        ("a", "ann"),
        ("a", "ben"),
        ("b", "ann"),
        ("gone", "ann"),
        ("broken", "ann"),
        ("panics", "ann"),
    ] {
        rooms.set(room, name, true);
    }
    let chat = endpoint(|| Chat)
        .authenticate(bearer(by_token))
        .load(room)
        .permit(IsMember);
    let server = serve(Router::with_state(rooms.clone()).route("/{room}", chat)).await;
    let mut clients = Vec::new();
    for (room, name) in [
        ("a", "ann"),
        ("b", "ann"),
        ("gone", "ann"),
        ("broken", "ann"),
        ("panics", "ann"),
        ("a", "ben"),
    ] {
        clients.push(connect(&server, &format!("/{room}"), name).await);
    }
    let user = server.hub.user("ann");
    until("all connections", || user.count() == 5).await;
    assert_eq!(user.recheck().await, 0, "nothing has changed");
    rooms.set("a", "ann", false);
    rooms.set("gone", "ann", false);
    rooms.set("broken", "fails", true);
    rooms.set("panics", "ann", false);
    assert_eq!(user.recheck().await, 4);
    for (place, code, text) in [
        (0, 4403, "you may not do this"),
        (2, 4404, "there is no such thing"),
        (3, 4500, "internal error "),
        (4, 4500, "internal error "),
    ] {
        let (found, told) = clients[place].closed().await.expect("a close frame");
        assert_eq!(found, code);
        assert!(told.starts_with(text) && !told.contains("1234"), "{told}");
    }
    // The one that may stay is as it was, and so is another user's that nobody asked about.
    rooms.set("a", "ben", false);
    for (place, answer) in [(1, "b 1"), (5, "a 2")] {
        clients[place].send("where am i").await;
        assert_eq!(clients[place].text().await, answer);
    }
    assert_eq!((user.recheck().await, user.count()), (0, 1));
}

#[tokio::test]
async fn c2_a_slow_recheck_holds_up_neither_the_connection_nor_others() {
    let (open, gate) = watch::channel(true);

    #[derive(Clone)]
    struct Waits(watch::Receiver<bool>);

    impl<O: Sync> Permission<Account, O> for Waits {
        async fn check(&self, _: &Access<'_, Account, O>) -> Result<bool> {
            self.0.clone().wait_for(|open| *open).await?;
            Ok(false)
        }
    }

    struct LetsIn(watch::Receiver<bool>);

    impl<O: Sync> Permission<Account, O> for LetsIn {
        async fn check(&self, _: &Access<'_, Account, O>) -> Result<bool> {
            Ok(*self.0.borrow())
        }
    }

    let permission = sockeye::rule(LetsIn(gate.clone())) | Waits(gate);
    let endpoint = endpoint(|| Greeter)
        .authenticate(bearer(by_token))
        .permit(permission);
    let server = serve(Router::new().route("/", endpoint)).await;
    let mut ann = connect(&server, "/", "ann").await;
    assert_eq!(ann.text().await, "hello ann");
    open.send(false).unwrap();
    let user = server.hub.user("ann");
    let recheck = tokio::spawn(async move { user.recheck().await });
    for _ in 0..3 {
        assert!(ann.asks("still here").await);
    }
    assert!(!recheck.is_finished());
    open.send(true).unwrap();
    assert_eq!(recheck.await.unwrap(), 1);
    assert_eq!(ann.closed().await.map(|(code, _)| code), Some(4403));
}

/// A loader that waits at the gate, for what happens to a user whose handshake is not through.
async fn gated(State(rooms): State<Rooms>, Path(name): Path<String>) -> Result<Option<Room>> {
    if let (Some(mut gate), Some(arrived)) = (rooms.gate.clone(), &rooms.arrived) {
        arrived.write("arrived");
        gate.wait_for(|open| *open).await?;
    }
    room(State(rooms), Path(name)).await
}

/// Whether the user is a member, who leaves right after this look: before the upgrade, or before a recheck.
struct OnceAMember(Rooms);

impl Permission<Account, Room> for OnceAMember {
    async fn check(&self, access: &Access<'_, Account, Room>) -> Result<bool> {
        let known = access
            .user
            .is_some_and(|account| access.object.members.contains(&account.name));
        // Left between this look and the upgrade.
        self.0.set("a", "ann", false);
        Ok(known)
    }
}

#[tokio::test]
async fn c2_what_is_done_to_a_user_reaches_those_whose_handshake_is_not_through() {
    for (recheck, expected) in [
        (false, (4401, "signed out")),
        (true, (4403, "you may not do this")),
    ] {
        let (notes, mut reader) = notes();
        let (open, gate) = watch::channel(false);
        let rooms = Rooms {
            gate: Some(gate),
            arrived: Some(notes),
            ..Rooms::default()
        };
        rooms.set("a", "ann", true);
        rooms.set("a", "ben", true);
        let permission = OnceAMember(rooms.clone());
        let chat = endpoint(|| Chat)
            .authenticate(bearer(by_token))
            .load(gated)
            .permit(permission);
        let server = serve(Router::with_state(rooms).route("/{room}", chat)).await;
        let user = server.hub.user("ann");
        let client = async { connect(&server, "/a", "ann").await };
        let acts = async {
            assert_eq!(reader.next().await, "arrived");
            assert_eq!(user.count(), 0);
            match recheck {
                false => user.disconnect(CloseCode::new(4401), "signed out"),
                true => assert_eq!(user.recheck().await, 0),
            }
            open.send(true).unwrap();
        };
        let (mut client, ()) = tokio::join!(client, acts);
        let close = client.closed().await.expect("a close frame");
        assert_eq!((close.0, &*close.1), expected);
        server.empty().await;
    }
}
