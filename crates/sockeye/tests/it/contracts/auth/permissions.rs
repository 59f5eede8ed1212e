//! Permissions: alone and joined, and what each refusal is.

use sockeye::{
    Access, AllowAny, Context, Error, Handler, IntoEndpoint, IsAuthenticated, NoObject, OnError,
    Options, Permission, Result, Router, WebSocket, bearer, endpoint, rule,
};

use crate::contracts::auth::{Account, Greeter, authorization, by_token, enter};
use crate::harness::{Running, serve};

/// Whether the name begins so.
#[derive(Clone, Copy)]
struct Begins(&'static str);

impl<O: Sync> Permission<Account, O> for Begins {
    async fn check(&self, access: &Access<'_, Account, O>) -> Result<bool> {
        Ok(access
            .user
            .is_some_and(|account| account.name.starts_with(self.0)))
    }
}

/// Fails, so that a test sees whether it was asked.
struct Fails(fn() -> Error);

impl<U: Sync, O: Sync> Permission<U, O> for Fails {
    async fn check(&self, _: &Access<'_, U, O>) -> Result<bool> {
        Err((self.0)())
    }
}

async fn verdict(server: &Running, path: &str, name: &str) -> u16 {
    let value = format!("Bearer token.of.{name}");
    let headers = authorization(&value);
    let headers = if name.is_empty() { &[][..] } else { &headers };
    match server.try_connect(path, headers).await {
        Ok(client) => client.response.status().as_u16(),
        Err(response) => response.status().as_u16(),
    }
}

fn guarded(permission: impl Permission<Account>) -> sockeye::Endpoint<(), Account> {
    let greeter = endpoint(|| Greeter).authenticate(bearer(by_token));
    greeter.allow_anonymous().permit(permission)
}

#[tokio::test]
async fn c2_permissions_are_joined_by_and_or_and_not() {
    let fails = || Fails(|| Error::new("was asked"));
    let routes = Router::new()
        .route("/and", guarded(rule(Begins("a")) & Begins("ab")))
        .route("/or", guarded(rule(Begins("a")) | Begins("b")))
        .route("/not", guarded(!rule(Begins("a"))))
        .route(
            "/mixed",
            guarded(rule(Begins("a")) & !rule(Begins("ab")) | Begins("b")),
        )
        .route("/built-in", guarded(IsAuthenticated & !rule(Begins("a"))))
        .route("/nobody", guarded(!IsAuthenticated))
        .route("/any", guarded(AllowAny))
        .route("/lazy-or", guarded(AllowAny | fails()))
        .route("/lazy-and", guarded(!AllowAny & fails()))
        .route("/eager", guarded(AllowAny & fails()));
    let server = serve(routes).await;
    for (path, name, expected) in [
        ("/and", "abc", 101),
        ("/and", "a", 403),
        ("/and", "b", 403),
        ("/and", "", 401),
        ("/or", "a", 101),
        ("/or", "b", 101),
        ("/or", "c", 403),
        ("/or", "", 401),
        ("/not", "a", 403),
        ("/not", "b", 101),
        ("/not", "", 101),
        ("/mixed", "a", 101),
        ("/mixed", "ab", 403),
        ("/mixed", "b", 101),
        ("/mixed", "", 401),
        ("/built-in", "a", 403),
        ("/built-in", "b", 101),
        ("/built-in", "", 401),
        ("/nobody", "a", 403),
        ("/nobody", "", 101),
        ("/any", "a", 101),
        ("/any", "", 101),
        ("/lazy-or", "a", 101),
        ("/lazy-and", "a", 403),
        ("/lazy-and", "", 401),
        ("/eager", "a", 500),
    ] {
        assert_eq!(
            verdict(&server, path, name).await,
            expected,
            "{path} {name}"
        );
    }
}

#[tokio::test]
async fn c2_a_refusal_is_401_for_nobody_and_403_for_somebody_or_what_the_permission_says() {
    async fn is_ann(access: &Access<'_, Account>) -> Result<bool> {
        Ok(access.user.is_some_and(|account| account.name == "ann"))
    }
    let refuses = || Fails(|| Error::refused(402, "pay first"));
    let breaks = || Fails(|| Error::new("the password is 1234"));
    let routes = Router::new()
        .route("/ann", guarded(is_ann))
        .route("/pay", guarded(refuses()))
        .route("/breaks", guarded(breaks()));
    let server = serve(routes).await;
    assert_eq!(verdict(&server, "/ann", "ann").await, 101);
    assert_eq!(verdict(&server, "/ann", "ben").await, 403);
    assert_eq!(verdict(&server, "/ann", "").await, 401);
    assert_eq!(verdict(&server, "/pay", "ann").await, 402);
    let refused = server.refused("/ann", &[]).await;
    assert_eq!(refused.headers()["www-authenticate"], "Bearer");
    let refused = server
        .refused("/breaks", &authorization("Bearer token.of.ann"))
        .await;
    assert_eq!(refused.status(), 500);
    let text = String::from_utf8(refused.into_body().unwrap_or_default()).expect("a text");
    assert!(
        text.starts_with("internal error ") && !text.contains("1234"),
        "{text}"
    );
}

#[tokio::test]
async fn c2_a_permission_of_endpoints_without_users_sees_the_request_alone() {
    struct FromHere;

    impl<U: Sync, O: Sync> Permission<U, O> for FromHere {
        async fn check(&self, access: &Access<'_, U, O>) -> Result<bool> {
            Ok(access.handshake.query().get("from").as_deref() == Some("here"))
        }
    }

    async fn greet(socket: WebSocket) {
        socket.send("welcome");
    }

    let server = serve(Router::new().route("/", greet.permit(FromHere))).await;
    assert_eq!(server.connect("/?from=here").await.text().await, "welcome");
    assert_eq!(server.refused("/?from=there", &[]).await.status(), 401);
}

/// Asks for permission by message.
struct Desk;

impl Handler for Desk {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        match text.as_str() {
            "begins" => cx.permit::<_, NoObject, _>(&Begins("a")).await?,
            "authenticated" => cx.permit::<Account, NoObject, _>(&IsAuthenticated).await?,
            "wrong user" => cx.permit::<String, NoObject, _>(&IsAuthenticated).await?,
            "wrong object" => cx.permit::<Account, u8, _>(&IsAuthenticated).await?,
            "user" => drop(cx.user::<Account>()?.clone()),
            "object" => drop(*cx.object::<u8>()?),
            _ => {}
        }
        cx.reply("yes".to_owned())
    }
}

#[tokio::test]
async fn c2_permissions_are_asked_inside_of_handlers_too() {
    let mut options = Options::default();
    options.on_error = OnError::Reply;
    let desk = endpoint(|| Desk)
        .authenticate(bearer(by_token))
        .allow_anonymous();
    let server = serve(Router::new().route("/", desk.options(options))).await;
    for (name, asked, code) in [
        ("ann", "begins", None),
        ("ann", "authenticated", None),
        ("ann", "user", None),
        ("ben", "begins", Some(403)),
        ("", "begins", Some(401)),
        ("", "authenticated", Some(401)),
        ("", "user", Some(401)),
        // Mistakes of the program, which the log explains.
        ("ann", "wrong user", Some(500)),
        ("ann", "wrong object", Some(500)),
        ("ann", "object", Some(500)),
    ] {
        let value = format!("Bearer token.of.{name}");
        let headers = authorization(&value);
        let headers = if name.is_empty() { &[][..] } else { &headers };
        let mut client = enter(&server, "/", headers).await;
        client.send(asked).await;
        let answer = client.text().await;
        match code {
            None => assert_eq!(answer, "yes", "{name} {asked}"),
            Some(code) => {
                let frame: serde_json::Value =
                    serde_json::from_str(&answer).expect("an error frame");
                assert_eq!(frame["payload"]["code"], code, "{name} {asked}: {frame}");
                let told = frame["payload"]["message"] != "internal error";
                assert_eq!(told, code != 500, "{frame}");
            }
        }
    }
}
