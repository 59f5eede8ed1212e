//! What a refused client gets, and what it does not get.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use http_body_util::BodyExt;
use tracing::field::Field;

use super::{Rejection, chain};
use crate::handshake::{ParamError, QueryError};

async fn body(rejection: Rejection) -> String {
    let bytes = rejection
        .into_response()
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_rejection_becomes_the_response_it_describes() {
    let rejection = Rejection::not_found("no such room")
        .with_header(http::header::RETRY_AFTER, HeaderValue::from_static("5"));
    assert_eq!(rejection.to_string(), "404 Not Found: no such room");
    let response = rejection.into_response();
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()["retry-after"], "5");
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    assert_eq!(
        response.into_body().collect().await.unwrap().to_bytes(),
        "no such room"
    );
}

#[tokio::test]
async fn a_ready_made_response_is_passed_on_unchanged() {
    let mut response = Response::new(Body::from("{}"));
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let rejection = Rejection::from(response);
    assert_eq!((rejection.status().as_u16(), rejection.text()), (429, None));
    assert_eq!(rejection.headers()["content-type"], "application/json");
    assert_eq!(body(rejection).await, "{}");
}

#[test]
fn the_answer_to_an_ordinary_request_says_what_to_upgrade_to() {
    let rejection = Rejection::upgrade_required();
    assert_eq!(rejection.status(), 426);
    assert_eq!(rejection.headers()["upgrade"], "websocket");
    assert_eq!(rejection.headers()["connection"], "Upgrade");
    assert_eq!(rejection.headers()["sec-websocket-version"], "13");
}

#[tokio::test]
async fn an_internal_error_shows_an_id_and_nothing_else() {
    let one = body(Rejection::internal("canary: database password")).await;
    let two = body(Rejection::internal("canary")).await;
    assert!(
        one.starts_with("internal error ") && !one.contains("canary"),
        "{one}"
    );
    assert_ne!(one, two);
}

#[derive(Debug, thiserror::Error)]
#[error("cannot load the room")]
struct LoadError(#[source] RowError);

#[derive(Debug, thiserror::Error)]
#[error("the row is damaged")]
struct RowError(#[source] std::num::ParseIntError);

#[test]
fn an_error_is_logged_with_all_its_sources() {
    let error = LoadError(RowError("x".parse::<u8>().unwrap_err()));
    let wanted = "cannot load the room: the row is damaged: invalid digit found in string";
    assert_eq!(chain(&error), wanted);
}

#[test]
fn the_log_has_the_id_that_the_client_gets_and_one_short_line() {
    let log = Log::default();
    let error = format!("canary\n\u{1b}[31m{}", "x".repeat(5_000));
    let rejection = tracing::subscriber::with_default(log.clone(), || Rejection::internal(error));
    let id = rejection
        .text()
        .unwrap()
        .strip_prefix("internal error ")
        .unwrap();
    let logged = log.lines.lock().unwrap().concat();
    assert!(logged.contains(&format!("error_id={id}")), "{logged}");
    assert!(
        logged.contains("canary") && !logged.contains(['\n', '\u{1b}']),
        "{logged}"
    );
    assert!(logged.len() < 1_200, "{} bytes", logged.len());
}

/// Keeps every event of a thread as text.
#[derive(Clone, Default)]
struct Log {
    lines: Arc<Mutex<Vec<String>>>,
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = String::new();
        event.record(&mut |field: &Field, value: &dyn Debug| {
            line += &format!("{field}={value:?} ");
        });
        self.lines.lock().unwrap().push(line);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn a_switch_of_protocols_is_never_a_rejection() {
    assert_eq!(
        Rejection::from(StatusCode::SWITCHING_PROTOCOLS).status(),
        500
    );
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::CONTINUE;
    assert_eq!(Rejection::from(response).status(), 500);
}

#[test]
fn a_clients_mistake_is_400_and_a_programs_is_500() {
    let invalid = ParamError::Invalid {
        name: "id".to_owned(),
        text: "x".to_owned(),
        reason: "invalid digit".to_owned(),
    };
    assert_eq!(Rejection::from(invalid).status(), 400);
    let missing = ParamError::Missing {
        name: "canary".to_owned(),
        known: "none".to_owned(),
    };
    let missing = Rejection::from(missing);
    assert_eq!(missing.status(), 500);
    assert!(!missing.text().unwrap().contains("canary"));
    assert_eq!(
        Rejection::from(QueryError::TooManyPairs { pairs: 300 }).status(),
        400
    );
}

#[test]
fn a_result_with_a_rejection_stays_small() {
    assert_eq!(size_of::<Result<(), Rejection>>(), size_of::<usize>());
}
