//! Chanx: the hook before the first message, groups, routes of every kind, tasks that end with the connection.

use axum::extract::FromRequestParts;
use http::request::Parts;
use sockeye::{
    Context, Disconnect, GroupName, Handler, IntoGroupName, Options, Pattern, Rejection, Result,
    Router, WebSocket, endpoint, endpoint_with,
};

use crate::contracts::notes::{Farewell, Notes, http as ask, notes};
use crate::harness::{Raw, serve};

/// The user that the query names.
#[derive(Clone)]
struct User(String);

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        match parts
            .uri
            .query()
            .and_then(|query| query.strip_prefix("user="))
        {
            Some(name) => Ok(Self(name.to_owned())),
            None => Err(Rejection::unauthorized("who are you?")),
        }
    }
}

/// A member of its room and of its user's own group; joins, leaves and talks as it is told.
struct Consumer {
    user: User,
    notes: Option<Notes>,
}

impl Handler for Consumer {
    type Incoming = String;
    type Outgoing = String;

    fn groups(&self, cx: &Context<Self>) -> Result<Vec<GroupName>> {
        let room = ("room", cx.param("room")?).into_group_name()?;
        Ok(vec![room, ("user", &self.user.0).into_group_name()?])
    }

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let Some(notes) = &self.notes else {
            return Ok(());
        };
        for group in cx.groups() {
            notes.write(format!("in {group} with {}", cx.group(&group)?.members()));
        }
        notes.write(format!("welcome {}", self.user.0));
        tokio::task::yield_now().await;
        notes.write("ready");
        cx.reply("ready".to_owned())
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        if let Some(notes) = &self.notes {
            notes.write(&text);
        }
        match text.split_once(' ') {
            Some(("join", room)) => cx.join(("room", room)).await?,
            Some(("leave", room)) => assert!(cx.leave(("room", room))?, "it was a member"),
            _ => return cx.broadcast(text),
        }
        cx.reply("done".to_owned())
    }
}

async fn consumer(user: User) -> Consumer {
    Consumer { user, notes: None }
}

#[tokio::test]
async fn c6_the_hook_comes_after_authentication_and_groups_and_before_messages() {
    let (notes, mut reader) = notes();
    let authenticated = notes.clone();
    let with_notes = endpoint_with(move |user: User| {
        let notes = Some(notes.clone());
        async move { Consumer { user, notes } }
    });
    let route = with_notes.accept(move |_| {
        authenticated.write("authenticated");
        Ok(())
    });
    let server = serve(Router::new().route("/{room}", route)).await;
    assert_eq!(server.refused("/lobby", &[]).await.status(), 401);
    assert_eq!(
        reader.rest(),
        ["authenticated"],
        "and nothing after a refusal"
    );

    let mut raw = server.raw().await;
    let handshake = format!("{}\r\n", Raw::head("/lobby?user=ada"));
    let early = Raw::masked(0x81, b"first message");
    raw.write(&[handshake.as_bytes(), &early].concat()).await;
    for note in [
        "authenticated",
        "in room:lobby with 1",
        "in user:ada with 1",
        "welcome ada",
        "ready",
        "first message",
    ] {
        assert_eq!(reader.next().await, note);
    }
}

#[tokio::test]
async fn c10_groups_come_from_parameters_and_user_and_are_isolated_per_connection() {
    let server = serve(Router::new().route("/{room}", endpoint_with(consumer))).await;
    let mut one = server.connect("/a?user=ada").await;
    let mut two = server.connect("/b?user=bob").await;
    let mut three = server.connect("/b?user=ada").await;
    server.members("room", "a", 1).await;
    server.members("room", "b", 2).await;
    server.members("user", "ada", 2).await;
    server.members("user", "bob", 1).await;

    two.send("in b").await;
    assert_eq!(three.text().await, "in b");
    assert_eq!(
        [two.text().await, two.text().await],
        ["in b", "in b"],
        "by room and by user"
    );
    one.send("in a").await;
    assert_eq!([one.text().await, one.text().await], ["in a", "in a"]);
    assert_eq!(
        three.text().await,
        "in a",
        "by user, and nothing else came before"
    );
    let bob = server.hub.group(("user", "bob")).unwrap();
    bob.broadcast("only bob").unwrap();
    assert_eq!(
        two.text().await,
        "only bob",
        "nothing of room a came before"
    );
}

#[tokio::test]
async fn c10_groups_are_joined_and_left_at_run_time_and_at_the_end() {
    let server = serve(Router::new().route("/{room}", endpoint_with(consumer))).await;
    let mut client = server.connect("/a?user=ada").await;
    let extra = server.hub.group(("room", "extra")).unwrap();
    client.send("join extra").await;
    assert_eq!(client.text().await, "done");
    assert_eq!(extra.members(), 1);
    extra.broadcast("joined").unwrap();
    assert_eq!(client.text().await, "joined");
    client.send("join extra").await;
    assert_eq!(client.text().await, "done");
    extra.broadcast("once").unwrap();
    assert_eq!(client.text().await, "once", "twice a member is one member");
    client.send("leave extra").await;
    assert_eq!(client.text().await, "done");
    extra.broadcast("to nobody").unwrap();
    client.send("leave a").await;
    assert_eq!(
        client.text().await,
        "done",
        "nothing of the group that was left"
    );
    drop(client);
    server.empty().await;
}

/// Sends what the route found.
async fn found(socket: WebSocket) {
    let params = socket.params();
    let list: Vec<_> = params
        .iter()
        .map(|(name, text)| format!("{name}={text}"))
        .collect();
    socket.send(list.join(" "));
}

/// Routes as another module of an application would have them.
mod chat {
    use sockeye::Router;

    pub(super) fn routes() -> Router {
        Router::new()
            .route("/{room:str}/", super::found)
            .nest("/archive", super::archive::routes())
    }
}

mod archive {
    use sockeye::Router;

    pub(super) fn routes() -> Router {
        Router::new().route("/{file:path}", super::found)
    }
}

#[tokio::test]
async fn c18_segments_are_typed() {
    let uuid = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let routes = Router::new()
        .route("/str/{v:str}", found)
        .route("/int/{v:int}", found)
        .route("/slug/{v:slug}", found)
        .route("/uuid/{v:uuid}", found)
        .route("/path/{v:path}", found);
    let server = serve(routes).await;
    for (kind, taken, refused) in [
        ("str", "a b.c", "a/b"),
        ("int", "42", "4x"),
        ("slug", "a-b_c", "a.b"),
        ("uuid", uuid, "67e55044"),
        ("path", "a/b.c", ""),
    ] {
        let path = format!("/{kind}/{}", taken.replace(' ', "%20"));
        assert_eq!(
            server.connect(&path).await.text().await,
            format!("v={taken}")
        );
        let path = format!("/{kind}/{refused}");
        assert_eq!(server.refused(&path, &[]).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn c18_regex_routes_have_named_groups() {
    let user = Pattern::regex(r"^/(?P<user_id>\w+)/(?P<year>\d{4})$").unwrap();
    let routes = Router::new().nest("/notifications", Router::new().route(user, found));
    let server = serve(routes).await;
    let mut client = server.connect("/notifications/ada/2024").await;
    assert_eq!(client.text().await, "user_id=ada year=2024");
    for path in [
        "/notifications/ada/24",
        "/notifications/a-b/2024",
        "/ada/2024",
    ] {
        assert_eq!(server.refused(path, &[]).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn c18_routers_of_other_modules_are_nested() {
    let routes = Router::new()
        .nest("/chat", chat::routes())
        .nest("/{org:slug}/chat", chat::routes());
    let server = serve(routes).await;
    for (path, told) in [
        ("/chat/lobby/", "room=lobby"),
        ("/chat/archive/2024/may.txt", "file=2024/may.txt"),
        ("/acme/chat/lobby/", "org=acme room=lobby"),
        ("/acme/chat/archive/a", "org=acme file=a"),
    ] {
        assert_eq!(server.connect(path).await.text().await, told);
    }
    let page = ask(&server, "GET", "/chat/lobby/").await;
    assert!(page.starts_with("HTTP/1.1 426"), "{page}");
}

/// Starts tasks that would go on for ever.
struct Worker(Notes);

impl Handler for Worker {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        let (sender, notes) = (cx.sender(), self.0.clone());
        let task = async move {
            let _farewell = Farewell(notes, "task ended");
            sender.try_send(format!("working on {text}")).unwrap();
            assert_ne!(text, "break", "a task breaks");
            std::future::pending::<()>().await;
        };
        match cx.spawn(task) {
            Ok(_) => Ok(()),
            Err(error) => cx.reply(error.to_string()),
        }
    }

    async fn on_disconnect(&mut self, _: &mut Context<Self>, _: Disconnect) {
        self.0.write("disconnect");
    }
}

#[tokio::test]
async fn c19_tasks_belong_to_the_connection_and_end_with_it() {
    let (notes, mut reader) = notes();
    let server = serve(Router::new().route("/", endpoint(move || Worker(notes.clone())))).await;
    let mut client = server.connect("/").await;
    for work in ["one", "two"] {
        client.send(work).await;
        assert_eq!(client.text().await, format!("working on {work}"));
    }
    client.send("break").await;
    assert_eq!(client.text().await, "working on break");
    assert_eq!(
        reader.next().await,
        "task ended",
        "of the broken one, alone"
    );
    client.send("three").await;
    assert_eq!(client.text().await, "working on three");
    assert!(reader.rest().is_empty(), "the others go on");
    drop(client);
    server.empty().await;
    let ends = ["disconnect", "task ended", "task ended", "task ended"];
    assert_eq!(
        reader.rest(),
        ends,
        "all of it before the connection is gone"
    );
}

#[tokio::test]
async fn c19_tasks_are_limited_per_connection() {
    let mut options = Options::default();
    options.tasks = 1;
    let (notes, _reader) = notes();
    let worker = endpoint(move || Worker(notes.clone())).options(options);
    let server = serve(Router::new().route("/", worker)).await;
    let mut client = server.connect("/").await;
    client.send("one").await;
    assert_eq!(client.text().await, "working on one");
    client.send("two").await;
    let told = client.text().await;
    assert!(told.contains("1 of this connection run already"), "{told}");
}
