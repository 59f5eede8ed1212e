//! Who recognises a client: one after the other, functions and types, with all that a request has.

use axum::Extension;
use axum::extract::{Query, State};
use http::request::Parts;
use serde::Deserialize;
use sockeye::{
    Authenticator, Handshake, Identity, IntoEndpoint, Rejection, Router, WebSocket, api_key_cookie,
    api_key_header, api_key_query, basic, bearer, endpoint, token,
};

use crate::contracts::auth::{Account, Greeter, Sent, authorization, basic_of, by_token};
use crate::harness::{Running, serve};

async fn by_password(name: String, password: String) -> Option<Account> {
    (password == format!("secret of {name}")).then(|| Account::named(&name))
}

async fn greeted(server: &Running, path: &str, headers: Sent<'_>) -> String {
    match server.try_connect(path, headers).await {
        Ok(mut client) => client.text().await,
        Err(response) => response.status().as_u16().to_string(),
    }
}

#[tokio::test]
async fn c1_the_first_of_a_list_that_recognises_the_client_wins_and_an_error_stops() {
    let list = (
        bearer(by_token),
        token(by_token),
        basic(by_password),
        api_key_header("x-api-key", by_token),
        api_key_query("key", by_token),
        api_key_cookie("key", by_token),
    );
    let server = serve(Router::new().route("/", endpoint(|| Greeter).authenticate(list))).await;
    let basic = basic_of("ben", "secret of ben");
    let rows: [(&str, Sent<'_>, &str); 16] = [
        (
            "/",
            &[("authorization", "Bearer token.of.ann")],
            "hello ann",
        ),
        ("/", &[("authorization", "Token token.of.tim")], "hello tim"),
        ("/", &[("authorization", &basic)], "hello ben"),
        ("/", &[("x-api-key", "token.of.kim")], "hello kim"),
        ("/?key=token.of.quin", &[], "hello quin"),
        ("/", &[("cookie", "a=b; key=token.of.cleo")], "hello cleo"),
        // The order is that of the list, not of the request.
        (
            "/?key=token.of.quin",
            &[("x-api-key", "token.of.kim")],
            "hello kim",
        ),
        // One that does not know the client leaves it to the next.
        (
            "/?key=token.of.quin",
            &[("authorization", "Bearer stale")],
            "hello quin",
        ),
        // An error is the answer, though others would have known it.
        (
            "/?key=token.of.quin",
            &[("authorization", "Bearer stop")],
            "403",
        ),
        (
            "/?key=token.of.quin",
            &[("authorization", "Bearer broken")],
            "500",
        ),
        ("/", &[], "401"),
        ("/?key=stale", &[], "401"),
        ("/?key=", &[], "401"),
        ("/", &[("x-api-key", "")], "401"),
        ("/", &[("cookie", "key=stale")], "401"),
        ("/", &[("authorization", "Digest token.of.ann")], "401"),
    ];
    for (path, headers, expected) in rows {
        assert_eq!(
            greeted(&server, path, headers).await,
            expected,
            "{path} {headers:?}"
        );
    }
    let refused = server.refused("/", &[]).await;
    assert_eq!(
        refused.headers()["www-authenticate"],
        "Bearer, Token, Basic realm=\"socket\", charset=\"UTF-8\""
    );
}

#[tokio::test]
async fn c1_all_parts_of_the_request_are_there_for_functions_and_types() {
    #[derive(Clone)]
    struct App(&'static str);

    #[derive(Deserialize)]
    struct Named {
        name: Option<String>,
    }

    async fn by_query(
        State(app): State<App>,
        Query(query): Query<Named>,
        sockeye::Path(room): sockeye::Path<String>,
    ) -> Option<Identity<Account>> {
        let name = query.name?;
        (room == app.0).then(|| Identity::new(Account::named(&name)))
    }

    struct ByCookie;

    impl Authenticator<App> for ByCookie {
        type User = Account;

        async fn authenticate(
            &self,
            handshake: &Handshake,
            parts: &mut Parts,
            app: &App,
        ) -> Result<Option<Identity<Account>>, Rejection> {
            let same = parts.uri.path().ends_with(app.0) && handshake.param("room")? == app.0;
            let cookie = handshake.cookies().get("name").filter(|_| same);
            Ok(cookie.map(|name| Identity::new(Account::named(&name))))
        }
    }

    async fn greet(Extension(account): Extension<Account>, socket: WebSocket) {
        let same = socket.user::<Account>().is_ok_and(|user| *user == account);
        socket.send(format!("hello {} {same}", account.name));
    }

    let endpoint = greet.authenticate((by_query, ByCookie));
    let server = serve(Router::with_state(App("lobby")).route("/{room}", endpoint)).await;
    let cookie = [("cookie", "name=cleo")];
    assert_eq!(
        greeted(&server, "/lobby?name=quin", &[]).await,
        "hello quin true"
    );
    assert_eq!(greeted(&server, "/lobby", &cookie).await, "hello cleo true");
    assert_eq!(greeted(&server, "/garden?name=quin", &cookie).await, "401");
}

#[tokio::test]
async fn c1_anonymous_clients_get_in_only_where_that_is_said_and_never_with_unknown_credentials() {
    let tokens = || bearer(by_token).or_query("token").or_cookie("token");
    let routes = Router::new()
        .route("/closed", endpoint(|| Greeter).authenticate(tokens()))
        .route(
            "/open",
            endpoint(|| Greeter)
                .authenticate(tokens())
                .allow_anonymous(),
        );
    let server = serve(routes).await;
    assert_eq!(greeted(&server, "/closed", &[]).await, "401");
    assert_eq!(greeted(&server, "/open", &[]).await, "hello nobody");
    assert_eq!(
        greeted(&server, "/open", &authorization("Bearer token.of.ann")).await,
        "hello ann"
    );
    // A token that ran out must be told of, or its client would go on as nobody.
    assert_eq!(
        greeted(&server, "/open", &authorization("Bearer stale")).await,
        "401"
    );
    assert_eq!(greeted(&server, "/open?token=stale", &[]).await, "401");
    // Browsers send cookies unasked.
    assert_eq!(
        greeted(&server, "/open", &[("cookie", "token=stale")]).await,
        "hello nobody"
    );
}

#[tokio::test]
async fn a8_the_token_of_the_header_goes_before_that_of_the_query() {
    let tokens = bearer(by_token).or_query("token");
    let server = serve(Router::new().route("/", endpoint(|| Greeter).authenticate(tokens))).await;
    let header = authorization("Bearer token.of.ann");
    for (path, headers, expected) in [
        ("/", &header[..], "hello ann"),
        ("/?token=token.of.quin", &[], "hello quin"),
        ("/?token=token.of.quin", &header, "hello ann"),
        (
            "/?token=token.of.quin",
            &authorization("Basic xyz"),
            "hello quin",
        ),
        (
            "/?token=token.of.quin",
            &authorization("Bearer stale"),
            "401",
        ),
        ("/?token=stale", &[], "401"),
        ("/", &[], "401"),
    ] {
        assert_eq!(
            greeted(&server, path, headers).await,
            expected,
            "{path} {headers:?}"
        );
    }
}

#[tokio::test]
async fn a7_user_and_topic_are_judged_before_the_upgrade_with_an_http_status() {
    async fn topic(sockeye::Path(topic): sockeye::Path<String>) -> Option<String> {
        (topic == "news").then_some(topic)
    }
    let endpoint = endpoint(|| Greeter)
        .authenticate(bearer(by_token))
        .load(topic);
    let server = serve(Router::new().route("/{topic}", endpoint)).await;
    let ann = authorization("Bearer token.of.ann");
    assert_eq!(greeted(&server, "/news", &[]).await, "401");
    assert_eq!(greeted(&server, "/olds", &[]).await, "401");
    assert_eq!(greeted(&server, "/olds", &ann).await, "404");
    assert_eq!(greeted(&server, "/news", &ann).await, "hello ann");
    assert_eq!(server.hub.stats().accepted, 1);
}

#[tokio::test]
async fn k6_credentials_of_every_kind_are_dependencies_of_functions_and_bad_ones_refuse() {
    async fn name(Extension(account): Extension<Account>, socket: WebSocket) {
        socket.send(account.name);
    }
    let routes = Router::new()
        .route("/bearer", name.authenticate(bearer(by_token)))
        .route("/basic", name.authenticate(basic(by_password)))
        .route(
            "/header",
            name.authenticate(api_key_header("X-Key", by_token)),
        )
        .route("/query", name.authenticate(api_key_query("key", by_token)))
        .route(
            "/cookie",
            name.authenticate(api_key_cookie("key", by_token)),
        );
    let server = serve(routes).await;
    let basic = basic_of("ann", "secret of ann");
    let wrong = basic_of("ann", "secret of ben");
    let rows: [(&str, Sent<'_>, &str); 10] = [
        ("/bearer", &authorization("Bearer token.of.ann"), "ann"),
        ("/bearer", &authorization("Token token.of.ann"), "401"),
        ("/basic", &authorization(&basic), "ann"),
        ("/basic", &authorization(&wrong), "401"),
        ("/header", &[("x-key", "token.of.ann")], "ann"),
        ("/header", &[("x-keys", "token.of.ann")], "401"),
        ("/query?key=token%2Eof%2Eann", &[], "ann"),
        ("/query?Key=token.of.ann", &[], "401"),
        ("/cookie", &[("cookie", "key=\"token.of.ann\"")], "ann"),
        ("/cookie", &[("cookie", "KEY=token.of.ann")], "401"),
    ];
    for (path, headers, expected) in rows {
        assert_eq!(
            greeted(&server, path, headers).await,
            expected,
            "{path} {headers:?}"
        );
    }
}
