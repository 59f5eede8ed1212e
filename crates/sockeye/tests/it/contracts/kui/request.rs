//! K5: the request that opened the connection, and the state that travels with it.

use serde_json::{Value, json};
use sockeye::{Context, Handler, Params, Router, WebSocket, endpoint};

use crate::harness::{Raw, Running, serve};

/// Opens `path` with header lines of the test's own, and reads the JSON that the handler sends first.
async fn told(server: &Running, path: &str, host: &str, lines: &[&str]) -> Value {
    let mut raw = server.raw().await;
    let head = Raw::head(path).replace("Host: localhost", &format!("Host: {host}"));
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    raw.write(format!("{head}{lines}\r\n").as_bytes()).await;
    let answer = raw.read_head().await;
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    let (_, payload) = raw.frame().await.expect("a frame");
    serde_json::from_slice(&payload).unwrap()
}

#[tokio::test]
async fn k5_the_url_shows_its_parts() {
    async fn url(socket: WebSocket) {
        let url = socket.url();
        socket.send(json!({
            "scheme": url.scheme(), "host": url.host(), "port": url.port(),
            "path": url.path(), "query": url.query(), "whole": url.to_string(),
        }));
    }
    let server = serve(Router::new().route("/a/{rest:path}", url)).await;
    let found = told(&server, "/a/b%20c?x=1&y=%2F", "example.org:8080", &[]).await;
    let expected = json!({
        "scheme": "ws", "host": "example.org", "port": 8080,
        "path": "/a/b%20c", "query": "x=1&y=%2F",
        "whole": "ws://example.org:8080/a/b%20c?x=1&y=%2F",
    });
    assert_eq!(found, expected);

    let found = told(&server, "/a/b", "example.org", &[]).await;
    let expected = json!({
        "scheme": "ws", "host": "example.org", "port": null,
        "path": "/a/b", "query": null, "whole": "ws://example.org/a/b",
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn k5_path_parameters_of_every_kind() {
    async fn params(socket: WebSocket) {
        let params = socket.params();
        let typed = match params.iter().next() {
            Some(("int", _)) => json!(params.get::<u64>("int").unwrap()),
            Some(("decimal", _)) => json!(params.get::<f64>("decimal").unwrap()),
            Some(("uuid", _)) => {
                let id = params.get::<uuid::Uuid>("uuid").unwrap();
                json!(id.as_fields().0)
            }
            Some((name, _)) => json!(socket.param(name).unwrap()),
            None => Value::Null,
        };
        socket.send(typed);
    }
    let mut routes = Router::new();
    for kind in ["str", "int", "decimal", "uuid", "date", "any"] {
        let pattern = format!("/{kind}/{{{kind}:{kind}}}");
        routes = routes.route(pattern.as_str(), params);
    }
    let server = serve(routes).await;
    for (path, expected) in [
        ("/str/caf%C3%A9", json!("café")),
        ("/int/0042", json!(42)),
        ("/decimal/7.50", json!(7.5)),
        (
            "/uuid/67E55044-10B1-426F-9247-BB680E5FE0C8",
            json!(0x67e5_5044),
        ),
        ("/date/2024-02-29", json!("2024-02-29")),
        ("/any/a/b/c.txt", json!("a/b/c.txt")),
    ] {
        assert_eq!(
            told(&server, path, "localhost", &[]).await,
            expected,
            "{path}"
        );
    }
    for path in [
        "/int/-1",
        "/decimal/x",
        "/uuid/67E5",
        "/date/2023-02-29",
        "/str/a/b",
        "/any/",
    ] {
        assert_eq!(server.refused(path, &[]).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn k5_parameters_as_a_struct_by_name() {
    #[derive(serde::Deserialize, serde::Serialize)]
    struct Seat {
        room: String,
        row: u8,
    }
    async fn seat(socket: WebSocket) -> sockeye::Result<()> {
        let seat: Seat = socket.params().parse()?;
        socket.send_json(&seat).await
    }
    let server = serve(Router::new().route("/{room:slug}/{row:int}", seat)).await;
    let found = told(&server, "/hall/7", "localhost", &[]).await;
    assert_eq!(found, json!({ "room": "hall", "row": 7 }));
}

#[tokio::test]
async fn k5_headers_ignore_case_and_have_many_values() {
    async fn headers(socket: WebSocket) {
        let headers = socket.headers();
        let tags: Vec<_> = headers.get_all("x-tag").collect();
        socket.send(json!({
            "first": headers.get("X-TAG"), "all": tags, "none": headers.get("x-none"),
            "keys": headers.keys().filter(|name| name.starts_with("x-")).collect::<Vec<_>>(),
        }));
    }
    let server = serve(Router::new().route("/", headers)).await;
    let lines = ["X-Tag: one", "x-TAG: two, three", "X-Other: 1"];
    let found = told(&server, "/", "localhost", &lines).await;
    let expected = json!({
        "first": "one", "all": ["one", "two, three"], "none": null, "keys": ["x-tag", "x-other"],
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn k5_the_query_has_many_values_and_keeps_blank_ones() {
    async fn query(socket: WebSocket) {
        let query = socket.query();
        let all: Vec<_> = query.get_all("a").collect();
        let items: Vec<_> = query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        socket.send(json!({ "last": query.get("a"), "all": all, "items": items }));
    }
    let server = serve(Router::new().route("/", query)).await;
    let found = told(&server, "/?a=1&b=&a=x+y%21&c", "localhost", &[]).await;
    let expected = json!({
        "last": "x y!", "all": ["1", "x y!"], "items": ["a=1", "b=", "a=x y!", "c="],
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn k5_the_client_s_address_has_host_and_port_or_is_absent() {
    async fn address(socket: WebSocket) {
        socket.send(json!(socket.address().map(|address| address.to_string())));
    }
    let own = serve(Router::new().route("/", address)).await;
    let mut raw = own.raw().await;
    let local = raw.0.local_addr().unwrap().to_string();
    raw.upgrade("/").await;
    let (_, payload) = raw.frame().await.expect("a frame");
    assert_eq!(
        serde_json::from_slice::<Value>(&payload).unwrap(),
        json!(local)
    );

    // A server that introduces nobody: axum's, without connect info.
    let app = Router::new().route("/", address).into_service();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    let axum_app = axum::Router::new().fallback_service(app);
    let served = tokio::spawn(axum::serve(listener, axum_app).into_future());
    let client = crate::harness::Client::connect(place, "/", &[]).await;
    assert_eq!(client.expect("an upgrade").json().await, Value::Null);
    served.abort();
}

#[tokio::test]
async fn k5_cookies_are_read_and_the_last_of_a_name_wins() {
    async fn cookies(socket: WebSocket) {
        let cookies = socket.cookies();
        socket.send(json!([
            cookies.get("a"),
            cookies.get("b"),
            cookies.get("none")
        ]));
    }
    let server = serve(Router::new().route("/", cookies)).await;
    let lines = [r#"Cookie: a=1; b="two%20words""#, "Cookie: a=3"];
    let found = told(&server, "/", "localhost", &lines).await;
    assert_eq!(found, json!(["3", "two words", null]));
}

#[tokio::test]
async fn k5_state_is_set_read_changed_and_removed_by_its_type() {
    #[derive(Clone, Debug, PartialEq)]
    struct Count(u32);
    struct Counter;
    impl Handler for Counter {
        type Incoming = String;
        type Outgoing = String;

        async fn on_connect(&mut self, cx: &mut Context<Self>) -> sockeye::Result<()> {
            assert_eq!(cx.state().get::<Count>(), None);
            cx.state_mut().set(Count(0));
            Ok(())
        }

        async fn on_message(
            &mut self,
            cx: &mut Context<Self>,
            text: String,
        ) -> sockeye::Result<()> {
            let state = cx.state_mut();
            match text.as_str() {
                "forget" => drop(state.remove::<Count>()),
                _ => state
                    .get_mut::<Count>()
                    .into_iter()
                    .for_each(|count| count.0 += 1),
            }
            cx.reply(format!("{:?}", cx.state().get::<Count>()))
        }
    }
    let server = serve(Router::new().route("/", endpoint(|| Counter))).await;
    let mut clients = [server.connect("/").await, server.connect("/").await];
    for (client, text, answer) in [
        (0, "up", "Some(Count(1))"),
        (0, "up", "Some(Count(2))"),
        (1, "up", "Some(Count(1))"),
        (0, "forget", "None"),
        (0, "up", "None"),
    ] {
        clients[client].send(text).await;
        assert_eq!(clients[client].text().await, answer);
    }
}

#[tokio::test]
async fn k5_all_parameters_are_there_in_order() {
    async fn list(socket: WebSocket) {
        let params: &Params = socket.params();
        let list: Vec<_> = params
            .iter()
            .map(|(name, text)| format!("{name}={text}"))
            .collect();
        socket.send(json!(list));
    }
    let server = serve(Router::new().route("/{year:int}/{slug:slug}/{rest:path}", list)).await;
    let found = told(&server, "/2024/a-b/c/d", "localhost", &[]).await;
    assert_eq!(found, json!(["year=2024", "slug=a-b", "rest=c/d"]));
}
