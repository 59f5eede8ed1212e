//! How clients are told whether they are in: over HTTP, over the socket, and by the authentication frame.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use sockeye::{
    Access, Context, Endpoint, Error, GroupName, Handler, IntoEndpoint, IntoGroupName, Options,
    Path, Permission, Refusal, Rejection, Result, Router, WebSocket, bearer, endpoint,
};
use tokio::sync::watch;

use crate::contracts::auth::{Account, Greeter, authorization, by_token, enter};
use crate::harness::{Raw, Running, serve};

fn told(status: u16, text: &str, detail: &str) -> Value {
    let data = json!({ "detail": detail });
    let payload = json!({ "status_code": status, "status_text": text, "data": data });
    json!({ "action": "authentication", "payload": payload })
}

fn options(refusal: Refusal, frame: bool) -> Options {
    let mut options = Options::default();
    options.refusal = refusal;
    options.authentication_frame = frame;
    options
}

struct NotForBen;

impl<O: Sync> Permission<Account, O> for NotForBen {
    async fn check(&self, access: &Access<'_, Account, O>) -> Result<bool> {
        Ok(access.user.is_some_and(|account| account.name != "ben"))
    }
}

async fn thing(Path(id): Path<u32>) -> Result<Option<u32>> {
    match id {
        13 => Err(Error::new("the password is 1234")),
        id => Ok((id == 7).then_some(id)),
    }
}

async fn gate(refusal: Refusal, frame: bool) -> Running {
    let guarded = |endpoint: Endpoint| {
        let guarded = endpoint
            .authenticate(bearer(by_token))
            .load(thing)
            .permit(NotForBen);
        guarded.options(options(refusal, frame))
    };
    async fn greet(socket: WebSocket) {
        socket.send("hello function");
    }
    let routes = Router::new()
        .route("/{id}", guarded(endpoint(|| Greeter)))
        .route("/function/{id}", guarded(greet.into_endpoint()));
    serve(routes).await
}

#[tokio::test]
async fn c4_every_refusal_is_told_over_the_socket_with_its_status_and_close_code() {
    let server = gate(Refusal::AcceptThenClose, true).await;
    for (path, token, status, text, detail) in [
        ("/7", "", 401, "Unauthorized", "sign in first"),
        (
            "/7",
            "stale",
            401,
            "Unauthorized",
            "the credentials are not known here",
        ),
        ("/7", "stop", 403, "Forbidden", "this account is closed"),
        (
            "/7",
            "token.of.ben",
            403,
            "Forbidden",
            "you may not do this",
        ),
        (
            "/8",
            "token.of.ann",
            404,
            "Not Found",
            "there is no such thing",
        ),
        (
            "/13",
            "token.of.ann",
            500,
            "Internal Server Error",
            "internal error ",
        ),
        (
            "/7",
            "broken",
            500,
            "Internal Server Error",
            "internal error ",
        ),
        (
            "/function/8",
            "token.of.ann",
            404,
            "Not Found",
            "there is no such thing",
        ),
    ] {
        let value = format!("Bearer {token}");
        let headers = authorization(&value);
        let headers = if token.is_empty() { &[][..] } else { &headers };
        let mut client = enter(&server, path, headers).await;
        let mut frame = client.json().await;
        if status == 500 {
            let told = frame["payload"]["data"]["detail"].take();
            let told = told.as_str().expect("a detail");
            assert!(told.starts_with(detail) && !told.contains("1234"), "{told}");
            frame["payload"]["data"]["detail"] = json!(detail);
        }
        assert_eq!(frame, told(status, text, detail), "{path} {token}");
        assert_eq!(client.closed().await, Some((4000 + status, String::new())));
    }
    server.empty().await;
}

#[tokio::test]
async fn c4_acceptance_is_told_by_the_first_frame_where_that_is_wanted() {
    let ann = authorization("Bearer token.of.ann");
    for (refusal, frame) in [
        (Refusal::Http, false),
        (Refusal::Http, true),
        (Refusal::AcceptThenClose, true),
    ] {
        let server = gate(refusal, frame).await;
        for (path, greeting) in [("/7", "hello ann"), ("/function/7", "hello function")] {
            let mut client = enter(&server, path, &ann).await;
            let first = client.text().await;
            let announced = told(200, "OK", "OK").to_string();
            assert_eq!(frame, first == announced, "{first}");
            assert!(!frame || client.text().await == greeting);
        }
    }
}

#[tokio::test]
async fn c4_pages_are_told_over_the_socket_where_others_are_told_by_http() {
    let server = gate(Refusal::Auto, true).await;
    assert_eq!(server.refused("/7", &[]).await.status(), 401);
    let own = format!("http://{}", server.address);
    for (origin, status) in [(&*own, 401), ("https://evil.example", 403)] {
        let mut client = enter(&server, "/7", &[("origin", origin)]).await;
        assert_eq!(client.json().await["payload"]["status_code"], status);
        assert_eq!(client.closed().await, Some((4000 + status, String::new())));
    }
}

/// Where a connection is refused, slowly, once the gate opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Refuses {
    Authenticator,
    Permission,
    Hook,
    OnHandshake,
    Groups,
    OnConnect,
}

#[derive(Clone)]
struct Slow {
    at: Refuses,
    gate: watch::Receiver<bool>,
    handled: Arc<AtomicUsize>,
}

impl Slow {
    async fn refuse(&self, at: Refuses) -> Result<()> {
        if self.at != at {
            return Ok(());
        }
        self.gate.clone().wait_for(|open| *open).await?;
        Err(Error::refused(403, "not you"))
    }
}

impl Permission<Account> for Slow {
    async fn check(&self, _: &Access<'_, Account>) -> Result<bool> {
        self.refuse(Refuses::Permission).await?;
        Ok(true)
    }
}

impl Handler for Slow {
    type Incoming = String;
    type Outgoing = String;

    async fn on_handshake(&mut self, _: &mut sockeye::Handshake) -> Result<(), Rejection> {
        Ok(self.refuse(Refuses::OnHandshake).await?)
    }

    fn groups(&self, _: &Context<Self>) -> Result<Vec<GroupName>> {
        if self.at == Refuses::Groups {
            return Err(Error::refused(403, "not you"));
        }
        Ok(vec!["all".into_group_name()?])
    }

    async fn on_connect(&mut self, _: &mut Context<Self>) -> Result<()> {
        self.refuse(Refuses::OnConnect).await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        self.handled.fetch_add(1, Ordering::SeqCst);
        cx.reply(text)
    }
}

/// An endpoint that refuses at one place, once the gate opens.
fn refusing(slow: &Slow, refusal: Refusal) -> Endpoint<(), Account> {
    let (handler, asks, hooks) = (slow.clone(), slow.clone(), slow.clone());
    let authenticates = move || {
        let asks = asks.clone();
        async move {
            asks.refuse(Refuses::Authenticator).await?;
            Ok::<_, Error>(Some(Account::named("ann")))
        }
    };
    let hook = move || {
        let hooks = hooks.clone();
        async move { hooks.refuse(Refuses::Hook).await }
    };
    let mut options = options(refusal, true);
    // Nobody here answers a close frame.
    options.close_timeout = Duration::from_millis(10);
    endpoint(move || handler.clone())
        .authenticate(authenticates)
        .permit(slow.clone())
        .handshake(hook)
        .options(options)
}

/// Three messages behind a handshake, in one write; then the gate opens. Gives all that the server says, and how many
/// messages were handled.
async fn three_at_once(at: Refuses, refusal: Refusal) -> (Vec<u8>, usize) {
    let (open, gate) = watch::channel(false);
    let handled = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&handled);
    let slow = Slow { at, gate, handled };
    let server = serve(Router::new().route("/", refusing(&slow, refusal))).await;
    let mut raw = server.raw().await;
    let head = format!("{}\r\n", Raw::head("/"));
    let frames = Raw::masked(0x81, b"do it").repeat(3);
    raw.write(&[head.as_bytes(), &frames].concat()).await;
    tokio::task::yield_now().await;
    open.send(true).unwrap();
    let answer = raw.rest().await;
    server.empty().await;
    (answer, counts.load(Ordering::SeqCst))
}

#[tokio::test]
async fn c6_three_frames_at_once_against_a_slow_refusal_are_never_handled_wherever_it_comes_from() {
    let places = [
        (Refuses::Authenticator, false),
        (Refuses::Permission, false),
        (Refuses::Hook, false),
        (Refuses::OnHandshake, false),
        (Refuses::Groups, true),
        (Refuses::OnConnect, true),
    ];
    let both = [Refusal::Http, Refusal::AcceptThenClose];
    for (refusal, (at, late)) in both
        .into_iter()
        .flat_map(|how| places.map(|place| (how, place)))
    {
        let (answer, handled) = three_at_once(at, refusal).await;
        assert_eq!(handled, 0, "{refusal:?} {at:?}");
        assert!(
            !answer.windows(5).any(|part| part == b"do it"),
            "{answer:?}"
        );
        let (status, end): (&[u8], &[u8]) = match (refusal, late) {
            (_, true) => (b"HTTP/1.1 101", b"\x88\x09\x11\x33not you"),
            (Refusal::Http, false) => (b"HTTP/1.1 403", b"not you"),
            _ => (b"HTTP/1.1 101", b"\x88\x02\x11\x33"),
        };
        let shape = answer.starts_with(status) && answer.ends_with(end);
        assert!(
            shape,
            "{refusal:?} {at:?}: {}",
            String::from_utf8_lossy(&answer)
        );
    }
}
