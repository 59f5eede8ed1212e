//! Objects: loaded by what the path names, judged, and read by handlers.

use std::future::{Ready, ready};

use axum::Extension;
use axum::extract::State;
use sockeye::{
    Access, Context, Error, Handler, IntoEndpoint, Path, Permission, Rejection, Result, Router,
    WebSocket, bearer, endpoint, rule,
};

use crate::contracts::auth::{Account, authorization, by_token, enter};
use crate::contracts::notes::{Notes, notes};
use crate::harness::serve;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Room {
    name: String,
    members: Vec<String>,
}

#[derive(Clone)]
struct IsMember;

impl Permission<Account, Room> for IsMember {
    async fn check(&self, access: &Access<'_, Account, Room>) -> Result<bool> {
        let Some(account) = access.user else {
            return Ok(false);
        };
        Ok(access.object.members.contains(&account.name))
    }
}

struct IsModerator;

impl<O: Sync> Permission<Account, O> for IsModerator {
    async fn check(&self, access: &Access<'_, Account, O>) -> Result<bool> {
        Ok(access.user.is_some_and(|account| account.moderator))
    }
}

async fn room(State(notes): State<Notes>, Path(name): Path<String>) -> Result<Option<Room>> {
    notes.write(format!("load {name}"));
    let members = match name.as_str() {
        "lobby" => vec!["ann".to_owned()],
        "broken" => return Err(Error::new("the password is 1234")),
        "closed" => return Err(Error::refused(410, "the room is closed")),
        _ => return Ok(None),
    };
    Ok(Some(Room { name, members }))
}

struct Chat;

impl Handler for Chat {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let (room, account): (&Room, &Account) = (cx.object()?, cx.user()?);
        cx.reply(format!("{} in {}", account.name, room.name))
    }
}

#[tokio::test]
async fn c3_the_object_is_loaded_then_judged_and_read_by_the_handler() {
    let (notes, mut reader) = notes();
    let chat = endpoint(|| Chat)
        .authenticate(bearer(by_token))
        .load(room)
        .permit(rule(IsMember) | IsModerator);
    let server = serve(Router::with_state(notes).route("/rooms/{name}", chat)).await;
    for (room, name, expected) in [
        ("lobby", "ann", Ok("ann in lobby")),
        ("lobby", "modest", Ok("modest in lobby")),
        ("lobby", "ben", Err(403)),
        // 404 goes before 403.
        ("nowhere", "ben", Err(404)),
        ("closed", "ann", Err(410)),
        ("broken", "ann", Err(500)),
    ] {
        let token = format!("Bearer token.of.{name}");
        let path = format!("/rooms/{room}");
        let found = server.try_connect(&path, &authorization(&token)).await;
        match found {
            Ok(mut client) => assert_eq!(Ok(&*client.text().await), expected),
            Err(response) => assert_eq!(Err(response.status().as_u16()), expected, "{room} {name}"),
        }
        assert_eq!(reader.rest(), [format!("load {room}")]);
    }
    // Who is not signed in learns nothing of what there is, and costs no look at it.
    assert_eq!(server.refused("/rooms/nowhere", &[]).await.status(), 401);
    assert!(reader.rest().is_empty());
}

/// A hook that leaves a note.
fn noting(notes: &Notes, text: &'static str) -> impl Fn() -> Ready<Result<()>> + use<> {
    let notes = notes.clone();
    move || {
        notes.write(text);
        ready(Ok(()))
    }
}

#[tokio::test]
async fn c3_hooks_run_in_the_order_in_which_they_were_written() {
    let (notes, mut reader) = notes();
    #[derive(Clone)]
    struct Noted(Notes, &'static str);

    impl<U: Sync, O: Sync> Permission<U, O> for Noted {
        async fn check(&self, _: &Access<'_, U, O>) -> Result<bool> {
            self.0.write(self.1);
            Ok(true)
        }
    }

    async fn seen(
        Extension(account): Extension<Account>,
        Extension(room): Extension<Room>,
        State(notes): State<Notes>,
    ) -> Result<(), Rejection> {
        notes.write(format!("{} {}", account.name, room.name));
        Ok(())
    }

    async fn greet(Extension(room): Extension<Room>, socket: WebSocket) {
        let same = socket.object::<Room>().is_ok_and(|object| *object == room);
        socket.send(format!("{} {same}", room.name));
    }

    let endpoint = greet
        .handshake(noting(&notes, "first"))
        .authenticate(bearer(by_token))
        .permit(Noted(notes.clone(), "second"))
        .handshake(noting(&notes, "third"))
        .load(room)
        .permit(Noted(notes.clone(), "last"))
        .handshake(seen);
    let server = serve(Router::with_state(notes).route("/{name}", endpoint)).await;
    let mut client = enter(&server, "/lobby", &authorization("Bearer token.of.ann")).await;
    assert_eq!(client.text().await, "lobby true");
    let order = [
        "first",
        "second",
        "third",
        "load lobby",
        "last",
        "ann lobby",
    ];
    assert_eq!(reader.rest(), order);
}

#[tokio::test]
async fn c3_an_object_without_users_is_loaded_and_judged_too() {
    async fn count(Path(count): Path<u32>) -> Option<u32> {
        (count < 10).then_some(count)
    }
    async fn is_even<U: Sync>(access: &Access<'_, U, u32>) -> Result<bool> {
        Ok(access.object.is_multiple_of(2))
    }
    async fn show(socket: WebSocket) -> Result<()> {
        let count: &u32 = socket.object()?;
        socket.send(count.to_string());
        Ok(())
    }
    let server = serve(Router::new().route("/{count}", show.load(count).permit(is_even))).await;
    assert_eq!(server.connect("/4").await.text().await, "4");
    assert_eq!(server.refused("/5", &[]).await.status(), 401);
    assert_eq!(server.refused("/10", &[]).await.status(), 404);
    assert_eq!(server.refused("/x", &[]).await.status(), 400);
}
