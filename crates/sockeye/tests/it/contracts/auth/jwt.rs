//! JSON Web Tokens: whose, from whom, and until when.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, encode};
use serde::Deserialize;
use serde_json::{Value, json};
use sockeye::{Identity, Router, bearer, endpoint, jwt};

use crate::contracts::auth::{Account, Greeter, authorization, by_token};
use crate::harness::{Running, serve};

const SECRET: &[u8] = b"a secret of the tests that is long enough";

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

async fn account(claims: Claims) -> Option<Identity<Account>> {
    (claims.sub != "nobody").then(|| Identity::new(Account::named(&claims.sub)))
}

/// Seconds since 1970, `from_now` from now.
fn at(from_now: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap() + from_now
}

fn signed(algorithm: Algorithm, secret: &[u8], claims: &Value) -> String {
    encode(
        &Header::new(algorithm),
        claims,
        &EncodingKey::from_secret(secret),
    )
    .unwrap()
}

async fn gate(leeway: u64) -> Running {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = leeway;
    validation.set_audience(&["chat"]);
    let tokens =
        bearer(jwt(DecodingKey::from_secret(SECRET), validation, account)).or_query("token");
    let endpoint = endpoint(|| Greeter).authenticate((tokens, bearer(by_token)));
    serve(Router::new().route("/", endpoint)).await
}

async fn answer(server: &Running, token: &str) -> Result<String, u16> {
    let value = format!("Bearer {token}");
    match server.try_connect("/", &authorization(&value)).await {
        Ok(mut client) => Ok(client.text().await),
        Err(refused) => Err(refused.status().as_u16()),
    }
}

#[tokio::test]
async fn c1_a_signed_token_lets_in_whom_it_names() {
    let server = gate(0).await;
    let good = json!({ "sub": "ann", "aud": "chat", "exp": at(600) });
    let token = signed(Algorithm::HS256, SECRET, &good);
    assert_eq!(answer(&server, &token).await, Ok("hello ann".to_owned()));
    let client = server
        .connect(&format!("/?token={token}"))
        .await
        .text()
        .await;
    assert_eq!(client, "hello ann");
}

#[tokio::test]
async fn c1_tokens_that_are_expired_forged_or_for_others_let_nobody_in() {
    let server = gate(0).await;
    let good = json!({ "sub": "ann", "aud": "chat", "exp": at(600) });
    let token = signed(Algorithm::HS256, SECRET, &good);
    let claims = |sub: Value, aud: &str, exp: i64| json!({ "sub": sub, "aud": aud, "exp": exp });
    let (head, rest) = token.split_once('.').expect("three parts");
    let (body, signature) = rest.split_once('.').expect("three parts");
    let unsigned = "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0";
    for (kind, token) in [
        (
            "expired",
            signed(
                Algorithm::HS256,
                SECRET,
                &claims(json!("ann"), "chat", at(-5)),
            ),
        ),
        (
            "of another audience",
            signed(
                Algorithm::HS256,
                SECRET,
                &claims(json!("ann"), "shop", at(600)),
            ),
        ),
        (
            "without an end",
            signed(
                Algorithm::HS256,
                SECRET,
                &json!({ "sub": "ann", "aud": "chat" }),
            ),
        ),
        (
            "of another secret",
            signed(Algorithm::HS256, b"guessed", &good),
        ),
        (
            "of another algorithm",
            signed(Algorithm::HS512, SECRET, &good),
        ),
        (
            "of nobody",
            signed(
                Algorithm::HS256,
                SECRET,
                &claims(json!("nobody"), "chat", at(600)),
            ),
        ),
        (
            "with other claims",
            signed(Algorithm::HS256, SECRET, &claims(json!(7), "chat", at(600))),
        ),
        (
            "with a body of its own",
            format!("{head}.{}x.{signature}", &body[..body.len() - 1]),
        ),
        ("without a signature", format!("{head}.{body}.")),
        ("that says it needs none", format!("{unsigned}.{body}.")),
        ("in two parts", format!("{head}.{body}")),
    ] {
        assert_eq!(answer(&server, &token).await, Err(401), "a token {kind}");
    }
    // What is no such token at all is left to the next.
    assert_eq!(
        answer(&server, "token.of.ben").await,
        Ok("hello ben".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn c1_the_connection_ends_when_its_token_does() {
    let server = gate(30).await;
    let claims = json!({ "sub": "ann", "aud": "chat", "exp": at(-10) });
    let token = signed(Algorithm::HS256, SECRET, &claims);
    let mut client = server.connect(&format!("/?token={token}")).await;
    assert_eq!(client.text().await, "hello ann");
    // Twenty seconds of the leeway are left; the clock of the test jumps there while everybody waits.
    let close = client.closed().await;
    assert_eq!(close, Some((4401, "token expired".to_owned())));
}
