//! Expiry: connections end with their credentials, unless these are renewed.

use std::time::{Duration, SystemTime};

use sockeye::{
    Cause, Context, Disconnect, Error, Handler, Identity, IntoEndpoint, OnError, Options, Result,
    Router, WebSocket, endpoint,
};

use crate::contracts::auth::Account;
use crate::contracts::notes::{Notes, notes};
use crate::harness::serve;

/// `?for=<seconds>`; without it for ever.
async fn for_a_while(
    axum::extract::Query(query): axum::extract::Query<std::collections::HashMap<String, u64>>,
) -> Option<Identity<Account>> {
    let identity = Identity::new(Account::named("ann"));
    Some(match query.get("for") {
        Some(seconds) => identity.expires_in(Duration::from_secs(*seconds)),
        None => identity,
    })
}

struct Renews(Notes);

impl Handler for Renews {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        let (name, seconds) = text
            .split_once(' ')
            .ok_or_else(|| Error::new("two words"))?;
        let identity = Identity::new(Account::named(name));
        match seconds.parse() {
            Ok(seconds) => cx.refresh(identity.expires_in(Duration::from_secs(seconds)))?,
            Err(_) => cx.refresh(identity)?,
        }
        cx.reply("renewed".to_owned())
    }

    async fn on_disconnect(&mut self, _: &mut Context<Self>, disconnect: Disconnect) {
        self.0.write(format!("{:?}", disconnect.cause()));
    }
}

async fn renewing(notes: Notes) -> crate::harness::Running {
    let mut options = Options::default();
    options.on_error = OnError::Reply;
    let endpoint = endpoint(move || Renews(notes.clone())).authenticate(for_a_while);
    serve(Router::new().route("/", endpoint.options(options))).await
}

const EXPIRED: Option<(u16, &str)> = Some((4401, "token expired"));

async fn closed(client: &mut crate::harness::Client) -> Option<(u16, String)> {
    client.closed().await
}

#[tokio::test(start_paused = true)]
async fn c1_a_connection_ends_with_its_credentials_and_others_stay() {
    let (notes, mut reader) = notes();
    let server = renewing(notes).await;
    let mut lasting = server.connect("/").await;
    let mut longer = server.connect("/?for=40").await;
    let mut shorter = server.connect("/?for=15").await;
    let start = tokio::time::Instant::now();
    assert_eq!(
        closed(&mut shorter)
            .await
            .as_ref()
            .map(|(code, text)| (*code, &**text)),
        EXPIRED
    );
    assert!(
        (15..17).contains(&start.elapsed().as_secs()),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(reader.next().await, format!("{:?}", Cause::Expired));
    assert_eq!(
        closed(&mut longer)
            .await
            .as_ref()
            .map(|(code, text)| (*code, &**text)),
        EXPIRED
    );
    assert!(
        (40..42).contains(&start.elapsed().as_secs()),
        "{:?}",
        start.elapsed()
    );
    lasting.send("ann never").await;
    assert_eq!(lasting.text().await, "renewed");
    assert_eq!(server.hub.user("ann").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn c1_new_credentials_of_the_same_user_renew_and_no_others() {
    let (notes, _reader) = notes();
    let server = renewing(notes).await;
    let mut client = server.connect("/?for=10").await;
    let start = tokio::time::Instant::now();
    for (asked, code) in [
        ("ben 1000", Some(403)),
        ("ann 0", Some(401)),
        ("ann 18", None),
        ("ann 15", None),
    ] {
        client.send(asked).await;
        match code {
            Some(code) => assert_eq!(client.json().await["payload"]["code"], code, "{asked}"),
            None => assert_eq!(client.text().await, "renewed"),
        }
    }
    assert_eq!(
        closed(&mut client)
            .await
            .as_ref()
            .map(|(code, text)| (*code, &**text)),
        EXPIRED
    );
    assert!(
        (15..17).contains(&start.elapsed().as_secs()),
        "{:?}",
        start.elapsed()
    );
    // Renewed for ever.
    let mut client = server.connect("/?for=10").await;
    client.send("ann ever").await;
    assert_eq!(client.text().await, "renewed");
    tokio::time::sleep(Duration::from_secs(11)).await;
    client.send("ann 5").await;
    assert_eq!(client.text().await, "renewed");
}

#[tokio::test(start_paused = true)]
async fn c1_functions_renew_too_and_nobody_has_nothing_to_renew() {
    async fn renew(socket: WebSocket) -> Result<()> {
        let renewed = socket
            .refresh(Identity::new(Account::named("ann")).expires_in(Duration::from_secs(18)));
        socket.send(renewed.map_or_else(|error| error.to_string(), |()| "renewed".to_owned()));
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(())
    }
    let routes = Router::new()
        .route("/ann", renew.authenticate(for_a_while))
        .route("/nobody", renew);
    let server = serve(routes).await;
    assert_eq!(
        server.connect("/nobody").await.text().await,
        "sign in first"
    );
    let mut client = server.connect("/ann?for=10").await;
    let start = tokio::time::Instant::now();
    assert_eq!(client.text().await, "renewed");
    assert_eq!(
        closed(&mut client)
            .await
            .as_ref()
            .map(|(code, text)| (*code, &**text)),
        EXPIRED
    );
    assert!(
        (18..20).contains(&start.elapsed().as_secs()),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn c1_credentials_that_have_run_out_already_refuse() {
    async fn stale() -> Option<Identity<Account>> {
        let past = SystemTime::now() - Duration::from_secs(1);
        Some(Identity::new(Account::named("ann")).expires_at(past))
    }
    async fn endless() -> Option<Identity<Account>> {
        Some(Identity::new(Account::named("ann")).expires_in(Duration::MAX))
    }
    let routes = Router::new()
        .route(
            "/stale",
            endpoint(|| crate::contracts::auth::Greeter).authenticate(stale),
        )
        .route(
            "/endless",
            endpoint(|| crate::contracts::auth::Greeter).authenticate(endless),
        );
    let server = serve(routes).await;
    assert_eq!(server.refused("/stale", &[]).await.status(), 401);
    assert_eq!(server.connect("/endless").await.text().await, "hello ann");
}
