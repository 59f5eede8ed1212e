//! K8 and K9: middleware around groups of routes, work after the end in order, and the news of a shutdown.

use std::time::Duration;

use axum::extract::{Extension, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sockeye::{
    Cause, Context, Disconnect, Drain, Handler, IntoEndpoint, Options, Result, Router,
    ServerOptions, WebSocket, endpoint,
};

use crate::contracts::notes::{Farewell, Notes, http, notes};
use crate::harness::{serve, serve_with};

#[derive(Clone)]
struct Trail(String);

/// A middleware that writes its name on the way in and on the way out.
async fn stamp(name: &'static str, mut request: Request, next: Next) -> Response {
    let trail = request.extensions().get::<Trail>();
    let trail = trail.map_or_else(String::new, |Trail(trail)| trail.clone());
    request
        .extensions_mut()
        .insert(Trail(format!("{trail}>{name}")));
    let mut response = next.run(request).await;
    let value = http::HeaderValue::from_static(name);
    response.headers_mut().append("x-stamp", value);
    response
}

async fn trail(Extension(Trail(trail)): Extension<Trail>, socket: WebSocket) {
    socket.send(trail);
}

#[tokio::test]
async fn k8_middleware_is_for_its_group_of_routes_and_the_later_one_is_outside() {
    async fn no_trail(trail: Option<Extension<Trail>>, socket: WebSocket) {
        socket.send(if trail.is_some() { "stamped" } else { "clean" });
    }
    let group = Router::new()
        .route("/in", trail)
        .http(
            "/page",
            get(async |Extension(Trail(trail)): Extension<Trail>| trail),
        )
        .layer(from_fn(|request, next| stamp("a", request, next)))
        .layer(from_fn(|request, next| stamp("b", request, next)))
        .route("/late", no_trail);
    let routes = Router::new().nest("/group", group).route("/out", no_trail);
    let server = serve(routes).await;
    let mut client = server.connect("/group/in").await;
    assert_eq!(client.text().await, ">b>a");
    let stamps: Vec<_> = client
        .response
        .headers()
        .get_all("x-stamp")
        .iter()
        .collect();
    assert_eq!(stamps, ["a", "b"], "the answer passes them too");
    assert!(http(&server, "GET", "/group/page").await.ends_with(">b>a"));
    assert_eq!(server.connect("/group/late").await.text().await, "clean");
    assert_eq!(server.connect("/out").await.text().await, "clean");
}

#[tokio::test]
async fn k8_middleware_around_nested_routes_is_outside_of_theirs() {
    let inner = Router::new()
        .route("/x", trail)
        .layer(from_fn(|request, next| stamp("inner", request, next)));
    let outer = Router::new()
        .nest("/n", inner)
        .layer(from_fn(|request, next| stamp("outer", request, next)));
    let server = serve(outer).await;
    assert_eq!(server.connect("/n/x").await.text().await, ">outer>inner");
}

#[tokio::test]
async fn k8_middleware_may_answer_instead() {
    let closed = from_fn(async |_: Request, _: Next| {
        (http::StatusCode::SERVICE_UNAVAILABLE, "closed for today").into_response()
    });
    let routes = Router::new().route("/a", trail).layer(closed);
    let server = serve(routes).await;
    let response = server.refused("/a", &[]).await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.body().as_deref(), Some(&b"closed for today"[..]));
}

/// Leaves work behind in every hook.
struct Untidy(Notes);

impl Untidy {
    fn after(&self, cx: &Context<Self>, what: &'static str) -> Result<()> {
        let notes = self.0.clone();
        cx.after(async move {
            tokio::task::yield_now().await;
            notes.write(what);
            assert_ne!(what, "second", "the second piece breaks");
        })
    }
}

impl Handler for Untidy {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let farewell = Farewell(self.0.clone(), "task ended");
        cx.spawn(async move {
            let _farewell = farewell;
            std::future::pending::<()>().await;
        })?;
        self.after(cx, "first")
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        self.after(cx, "second")?;
        self.after(cx, "third")?;
        cx.reply(text)
    }

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, _: Disconnect) {
        self.0.write("disconnect");
        self.after(cx, "fourth").unwrap();
        if cx.query().get("hang").is_some() {
            std::future::pending::<()>().await;
        }
    }
}

#[tokio::test]
async fn k8_work_put_off_runs_after_the_end_in_order_whatever_happens() {
    let (notes, mut reader) = notes();
    let mut options = Options::default();
    options.disconnect_timeout = Duration::from_millis(40);
    let view = endpoint(move || Untidy(notes.clone())).options(options);
    let server = serve(Router::new().route("/", view)).await;
    for path in ["/", "/?hang"] {
        let mut client = server.connect(path).await;
        client.send("hi").await;
        assert_eq!(client.text().await, "hi");
        assert!(reader.rest().is_empty(), "nothing before the end");
        drop(client);
        for note in [
            "disconnect",
            "task ended",
            "first",
            "second",
            "third",
            "fourth",
        ] {
            assert_eq!(reader.next().await, note, "{path}");
        }
        server.empty().await;
    }
}

#[tokio::test]
async fn k8_functions_put_work_off_as_well() {
    fn leave_work(socket: &WebSocket, notes: &Notes) -> Result<()> {
        let (one, two) = (notes.clone(), notes.clone());
        socket.after(async move { one.write("one") })?;
        socket.after(async move { two.write("two") })?;
        notes.write("returning");
        Ok(())
    }
    let (notes, mut reader) = notes();
    let function = move |socket| std::future::ready(leave_work(&socket, &notes));
    let server = serve(Router::new().route("/", function)).await;
    server.connect("/").await.closed().await;
    for note in ["returning", "one", "two"] {
        assert_eq!(reader.next().await, note);
    }
}

#[tokio::test]
async fn k8_put_off_work_has_a_limit() {
    let mut options = Options::default();
    options.tasks = 2;
    let function = async |socket: WebSocket| {
        assert!(socket.after(async {}).is_ok() && socket.after(async {}).is_ok());
        let error = socket.after(async {}).unwrap_err();
        socket.send(error.to_string());
    };
    let server = serve(Router::new().route("/", function.options(options))).await;
    let told = server.connect("/").await.text().await;
    assert!(told.contains("2 pieces wait"), "{told}");
}

#[tokio::test]
async fn k9_everybody_is_told_about_the_shutdown_and_closed() {
    struct View(Notes);
    impl Handler for View {
        type Incoming = String;
        type Outgoing = String;

        async fn on_disconnect(&mut self, _: &mut Context<Self>, end: Disconnect) {
            assert_eq!(end.cause(), Cause::Drained);
            self.0.write(format!("view {end}"));
        }
    }
    async fn listen(mut socket: WebSocket, notes: Notes) {
        assert_eq!(socket.receive().await, None);
        notes.write(format!("function {}", socket.closed().await));
    }
    for (drain, code) in [(Drain::Restart, 1012), (Drain::Leave, 1001)] {
        let (notes, mut reader) = notes();
        let for_view = notes.clone();
        let function = move |socket: WebSocket| listen(socket, notes.clone());
        let routes = Router::new()
            .route("/view", endpoint(move || View(for_view.clone())))
            .route("/function", function);
        let mut options = ServerOptions::default();
        options.drain_window = Duration::from_millis(1);
        options.drain = drain;
        let server = serve_with(routes, options).await;
        let mut clients = [
            server.connect("/view").await,
            server.connect("/function").await,
        ];
        server.handle.drain();
        for client in &mut clients {
            assert_eq!(client.closed().await, Some((code, String::new())));
        }
        crate::harness::within("the server's end", server.ended)
            .await
            .unwrap()
            .unwrap();
        let mut told = reader.rest();
        told.sort_unstable();
        let expected = ["function", "view"].map(|form| format!("{form} Drained ({code})"));
        assert_eq!(told, expected, "all of it before the server returns");
    }
}
