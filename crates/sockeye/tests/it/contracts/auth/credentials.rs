//! Credentials as an attacker, or a mistake, would write them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sockeye::{Router, api_key_cookie, api_key_header, api_key_query, basic, bearer, endpoint};

use crate::contracts::auth::{Account, Greeter};
use crate::harness::{Raw, Running, serve};

/// Endpoints that would let everybody in who gets as far as being verified, and how many did.
async fn gullible() -> (Running, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let verify = move |_: String| {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Some(Account::named("anyone")) }
    };
    let counted = Arc::clone(&asked);
    let password = move |_: String, _: String| {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Some(Account::named("anyone")) }
    };
    let routes = Router::new()
        .route(
            "/bearer",
            endpoint(|| Greeter).authenticate(bearer(verify.clone())),
        )
        .route("/basic", endpoint(|| Greeter).authenticate(basic(password)))
        .route(
            "/header",
            endpoint(|| Greeter).authenticate(api_key_header("x-key", verify.clone())),
        )
        .route(
            "/query",
            endpoint(|| Greeter).authenticate(api_key_query("key", verify.clone())),
        )
        .route(
            "/cookie",
            endpoint(|| Greeter).authenticate(api_key_cookie("key", verify)),
        );
    (serve(routes).await, asked)
}

/// The status that a handshake with these lines of header gets, whose bytes may be any.
async fn status(server: &Running, path: &str, lines: &[&[u8]]) -> u16 {
    let mut request = Raw::head(path).into_bytes();
    for line in lines {
        request.extend_from_slice(line);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    let mut raw = server.raw().await;
    raw.write(&request).await;
    let head = raw.read_head().await;
    head.split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .expect("a status")
}

#[tokio::test]
async fn c1_schemes_have_no_case_and_their_token_stands_alone() {
    let (server, asked) = gullible().await;
    let accepted: [&[u8]; 5] = [
        b"Authorization: Bearer x",
        b"AUTHORIZATION: bearer x",
        b"authorization: BEARER x",
        b"Authorization: Bearer   x",
        b"Authorization:Bearer x  ",
    ];
    for line in accepted {
        assert_eq!(status(&server, "/bearer", &[line]).await, 101, "{line:?}");
    }
    assert_eq!(asked.swap(0, Ordering::Relaxed), accepted.len());
    let refused: [&[u8]; 11] = [
        b"Authorization: Bearer",
        b"Authorization: Bearer   ",
        b"Authorization:",
        b"Authorization: Bearer\tx",
        b"Authorization: Bearer x y",
        b"Authorization: Bearer x\ty",
        b"Authorization: Bearer=x",
        b"Authorization: Bearerx",
        b"Authorization: x",
        b"Authorization: Bearer \xc3\xa4",
        b"Authorization: Bearer \xff",
    ];
    for line in refused {
        assert_eq!(status(&server, "/bearer", &[line]).await, 401, "{line:?}");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn c1_several_credentials_in_one_place_refuse_the_client() {
    let (server, asked) = gullible().await;
    let rows: [(&str, &[&[u8]]); 8] = [
        (
            "/bearer",
            &[b"Authorization: Bearer x", b"Authorization: Bearer y"],
        ),
        (
            "/bearer",
            &[b"Authorization: Bearer x", b"Authorization: Bearer x"],
        ),
        (
            "/bearer",
            &[b"Authorization: Bearer x", b"Authorization: Basic eDp5"],
        ),
        (
            "/basic",
            &[b"Authorization: Basic eDp5", b"Authorization: Bearer x"],
        ),
        ("/header", &[b"X-Key: x", b"x-key: y"]),
        ("/query?key=x&key=y", &[]),
        ("/query?key=x&%6bey=x", &[]),
        ("/cookie", &[b"Cookie: key=x; key=y"]),
    ];
    for (path, lines) in rows {
        assert_eq!(status(&server, path, lines).await, 400, "{path} {lines:?}");
    }
    let split: [&[u8]; 2] = [b"Cookie: key=x", b"Cookie: a=b; key=y"];
    assert_eq!(status(&server, "/cookie", &split).await, 400);
    let many: Vec<&[u8]> = vec![b"Authorization: Bearer x"; 50];
    assert_eq!(status(&server, "/bearer", &many).await, 400);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    // The same value twice leaves no doubt.
    assert_eq!(
        status(&server, "/cookie", &[b"Cookie: key=x; key=x"]).await,
        101
    );
}

#[tokio::test]
async fn c1_credentials_longer_than_any_token_never_reach_their_verification() {
    let (server, asked) = gullible().await;
    let (full, over) = ("x".repeat(8 * 1024), "x".repeat(8 * 1024 + 1));
    for (path, before) in [
        ("/bearer", "Authorization: Bearer "),
        ("/header", "X-Key: "),
        ("/cookie", "Cookie: key="),
    ] {
        let line = format!("{before}{full}");
        assert_eq!(
            status(&server, path, &[line.as_bytes()]).await,
            101,
            "{path}"
        );
        let line = format!("{before}{over}");
        assert_eq!(
            status(&server, path, &[line.as_bytes()]).await,
            401,
            "{path}"
        );
    }
    assert_eq!(
        status(&server, &format!("/query?key={over}"), &[]).await,
        401
    );
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    let pairs = "a=1&".repeat(300);
    assert_eq!(
        status(&server, &format!("/query?{pairs}key=x"), &[]).await,
        400
    );
}

#[tokio::test]
async fn c1_basic_takes_any_name_and_password_that_can_be_read_and_nothing_else() {
    let (server, asked) = gullible().await;
    for pair in [
        "name:password",
        ":",
        "name:",
        ":password",
        "n:p:a:s:s",
        "näme:pässwörd",
        "a:b",
    ] {
        for encoded in [
            BASE64_STANDARD.encode(pair),
            BASE64_STANDARD
                .encode(pair)
                .trim_end_matches('=')
                .to_owned(),
        ] {
            let line = format!("Authorization: basic {encoded}");
            assert_eq!(
                status(&server, "/basic", &[line.as_bytes()]).await,
                101,
                "{pair}"
            );
        }
    }
    assert_eq!(asked.swap(0, Ordering::Relaxed), 14);
    for encoded in [
        "%%%".to_owned(),
        "name:password".to_owned(),
        "eDp5=".to_owned(),
        "====".to_owned(),
        "eDp5 eDp5".to_owned(),
        "eD p5".to_owned(),
        "eDp-_".to_owned(),
        BASE64_STANDARD.encode("no colon"),
        BASE64_STANDARD.encode(b"\xff\xfe:x"),
        BASE64_STANDARD.encode("a\0b:c"),
        BASE64_STANDARD.encode("a:b\r\nc"),
    ] {
        let line = format!("Authorization: Basic {encoded}");
        assert_eq!(
            status(&server, "/basic", &[line.as_bytes()]).await,
            401,
            "{encoded}"
        );
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}
