//! W3 and W4: hooks that may answer with any HTTP response, and views with a hook of their own.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http::header::{LOCATION, RETRY_AFTER};
use sockeye::{
    Context, Error, Handler, Handshake, IntoEndpoint, Options, Path, Rejection, Result, Router,
    WebSocket, endpoint,
};

use crate::contracts::notes::{Notes, notes};
use crate::harness::serve;

#[derive(Clone)]
struct Thing {
    id: u32,
    name: Arc<str>,
}

/// Loads the thing, or answers in one of many ways.
async fn load(Path(id): Path<u32>) -> Result<Thing, Response> {
    match id {
        301 => Err(Redirect::permanent("/thing/1").into_response()),
        200 => Err((StatusCode::OK, axum::Json("no socket, but an answer")).into_response()),
        503 => Err((
            StatusCode::SERVICE_UNAVAILABLE,
            [(RETRY_AFTER, "7")],
            "later",
        )
            .into_response()),
        404 => Err((StatusCode::NOT_FOUND, format!("thing {id} not found\n")).into_response()),
        id => Ok(Thing {
            id,
            name: format!("thing {id}").into(),
        }),
    }
}

async fn show(socket: WebSocket) {
    let thing = socket.state().get::<Thing>().expect("a thing");
    socket.send(format!("{} {}", thing.id, thing.name));
}

#[tokio::test]
async fn w3_a_hook_may_answer_with_any_http_response() {
    let server = serve(Router::new().route("/thing/{id:int}", show.handshake(load))).await;
    let refused = async |id: &str| server.refused(&format!("/thing/{id}"), &[]).await;

    let missing = refused("404").await;
    assert_eq!(missing.status(), 404);
    assert_eq!(
        missing.body().as_deref(),
        Some(&b"thing 404 not found\n"[..])
    );
    let moved = refused("301").await;
    assert_eq!(
        (moved.status().as_u16(), &moved.headers()[LOCATION]),
        (308, &"/thing/1".parse().unwrap())
    );
    let answered = refused("200").await;
    assert_eq!(answered.status(), 200);
    assert_eq!(answered.headers()["content-type"], "application/json");
    let busy = refused("503").await;
    assert_eq!(
        (busy.status().as_u16(), &busy.headers()[RETRY_AFTER]),
        (503, &"7".parse().unwrap())
    );
    let wrong = refused("99999999999").await;
    assert_eq!(wrong.status(), 400, "its extractors refuse as well");
    assert_eq!(server.hub.stats().accepted, 0);
}

#[tokio::test]
async fn w3_what_a_hook_learnt_reaches_every_kind_of_handler() {
    async fn extension(Extension(thing): Extension<Thing>, socket: WebSocket) {
        socket.send(format!("{} {}", thing.id, thing.name));
    }
    struct View;
    impl Handler for View {
        type Incoming = String;
        type Outgoing = String;

        async fn on_handshake(&mut self, handshake: &mut Handshake) -> Result<(), Rejection> {
            assert!(handshake.state().get::<Thing>().is_some(), "there already");
            Ok(())
        }

        async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
            let thing = cx.state().get::<Thing>().expect("a thing");
            cx.reply(format!("{} {}", thing.id, thing.name))
        }
    }
    let routes = Router::new()
        .route("/state/{id:int}", show.handshake(load))
        .route("/extension/{id:int}", extension.handshake(load))
        .route("/view/{id:int}", endpoint(|| View).handshake(load));
    let server = serve(routes).await;
    for path in ["/state/7", "/extension/7", "/view/7"] {
        assert_eq!(
            server.connect(path).await.text().await,
            "7 thing 7",
            "{path}"
        );
    }
}

#[tokio::test]
async fn w3_an_error_or_a_panic_in_a_hook_is_a_500_that_tells_nothing() {
    async fn fails() -> Result<()> {
        let _: u32 = "password".parse()?;
        Ok(())
    }
    async fn panics() -> Result<()> {
        panic!("password");
    }
    async fn hangs() -> Result<()> {
        std::future::pending().await
    }
    async fn refuses() -> Result<()> {
        Err(Error::refused(410, "gone for good"))
    }
    let mut patient = Options::default();
    patient.handshake_timeout = Duration::from_millis(20);
    let routes = Router::new()
        .route("/fails", show.handshake(fails))
        .route("/panics", show.handshake(panics))
        .route("/hangs", show.handshake(hangs).options(patient))
        .route("/refuses", show.handshake(refuses));
    let server = serve(routes).await;
    for path in ["/fails", "/panics", "/hangs"] {
        let response = server.refused(path, &[]).await;
        assert_eq!(response.status(), 500, "{path}");
        let body = String::from_utf8(response.into_body().unwrap()).unwrap();
        assert!(
            body.starts_with("internal error ") && !body.contains("password"),
            "{body}"
        );
    }
    let response = server.refused("/refuses", &[]).await;
    assert_eq!(response.status(), 410, "an error meant for the client");
    assert_eq!(response.body().as_deref(), Some(&b"gone for good"[..]));
}

#[tokio::test]
async fn w3_hooks_run_in_order_and_the_first_refusal_is_the_answer() {
    #[derive(Clone)]
    struct Owner(u32);
    async fn owner(Extension(thing): Extension<Thing>) -> Result<Owner> {
        match thing.id {
            13 => Err(Error::refused(403, "nobody owns it")),
            id => Ok(Owner(id * 10)),
        }
    }
    async fn note(State(notes): State<Notes>) -> Result<()> {
        notes.write("third");
        Ok(())
    }
    async fn tell(socket: WebSocket) {
        let owner = socket.state().get::<Owner>().expect("an owner");
        socket.send(owner.0.to_string());
    }
    let (notes, mut reader) = notes();
    let handler = tell.handshake(load).handshake(owner).handshake(note);
    let server = serve(Router::with_state(notes).route("/{id:int}", handler)).await;
    assert_eq!(server.connect("/7").await.text().await, "70");
    assert_eq!(reader.rest(), ["third"]);
    assert_eq!(server.refused("/404", &[]).await.status(), 404);
    assert_eq!(server.refused("/13", &[]).await.status(), 403);
    assert!(reader.rest().is_empty());
}

/// A class view: its hook keeps what it loaded in the view itself.
struct ThingDetail {
    thing: Option<Thing>,
    notes: Notes,
}

impl Handler for ThingDetail {
    type Incoming = String;
    type Outgoing = String;

    async fn on_handshake(&mut self, handshake: &mut Handshake) -> Result<(), Rejection> {
        let id = handshake.params().get("id")?;
        if handshake.headers().get("x-broken").is_some() {
            return Err(Rejection::internal("the shelf fell down"));
        }
        if id >= 100 {
            return Err(Rejection::not_found(format!("thing {id} not found\n")));
        }
        self.thing = Some(Thing {
            id,
            name: "found".into(),
        });
        Ok(())
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        self.notes.write(&text);
        let thing = self.thing.as_mut().ok_or_else(|| Error::new("no thing"))?;
        thing.name = format!("{} {text}", thing.name).into();
        cx.reply(format!("{}: {}", thing.id, thing.name))
    }
}

#[tokio::test]
async fn w4_a_view_has_a_hook_and_handles_only_what_passed_it() {
    let (notes, mut reader) = notes();
    let view = endpoint(move || ThingDetail {
        thing: None,
        notes: notes.clone(),
    });
    let server = serve(Router::new().route("/thing/{id:int}", view)).await;
    let response = server.refused("/thing/100", &[]).await;
    assert_eq!(response.status(), 404);
    assert_eq!(
        response.body().as_deref(),
        Some(&b"thing 100 not found\n"[..])
    );
    let response = server.refused("/thing/1", &[("x-broken", "")]).await;
    assert_eq!(response.status(), 500);
    assert!(reader.rest().is_empty());

    let mut clients = [
        server.connect("/thing/1").await,
        server.connect("/thing/2").await,
    ];
    for (client, text, answer) in [
        (0, "one", "1: found one"),
        (1, "two", "2: found two"),
        (0, "more", "1: found one more"),
    ] {
        clients[client].send(text).await;
        assert_eq!(clients[client].text().await, answer, "an instance for each");
    }
    assert_eq!(reader.rest(), ["one", "two", "more"]);
}
