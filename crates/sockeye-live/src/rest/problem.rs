//! Problem: an answer that tells what went wrong, as RFC 9457 has it.

use std::error::Error as StdError;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sockeye::{Fault, FaultKind, Faults, Place, Rejection};

use crate::error::{Error, ErrorKind};
use crate::rights::Authentication;

/// Seconds until what failed for want of room is worth another try.
const LATER: &str = "1";

/// What went wrong with a request.
#[derive(Debug)]
pub(crate) struct Problem(Box<Told>);

#[derive(Debug)]
struct Told {
    status: StatusCode,
    detail: String,
    faults: Faults,
    headers: HeaderMap,
    /// An authenticator's own answer.
    response: Option<Response>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Told {
            status,
            detail: detail.into(),
            faults: Faults::default(),
            headers: HeaderMap::new(),
            response: None,
        }))
    }

    /// One thing that is wrong with what a client sent.
    pub(crate) fn fault(kind: FaultKind, place: Vec<Place>, text: String) -> Self {
        Error::faulty(text.clone(), Fault::new(kind, place, text).into()).into()
    }

    /// That a path does not have a method.
    pub(crate) fn method(allowed: &'static str) -> Self {
        let problem = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("this path takes {allowed}"),
        );
        problem.with_header(header::ALLOW, HeaderValue::from_static(allowed))
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// The answer; a 401 names the schemes that there are (RFC 9110 section 15.5.2).
    pub(crate) fn into_response(self, authentication: &Authentication) -> Response {
        let Told {
            status,
            detail,
            faults,
            headers,
            response,
        } = *self.0;
        let mut response = response.unwrap_or_else(|| {
            let title = status.canonical_reason().unwrap_or("Error");
            let mut told = json!({
                "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail,
            });
            if !faults.is_empty() {
                told["errors"] = json!(faults);
            }
            let mut response = Response::new(Body::from(told.to_string()));
            let form = HeaderValue::from_static("application/problem+json");
            response.headers_mut().insert(header::CONTENT_TYPE, form);
            *response.status_mut() = status;
            response
        });
        response.headers_mut().extend(headers);
        if status == StatusCode::UNAUTHORIZED
            && !response.headers().contains_key(header::WWW_AUTHENTICATE)
            && let Some(challenge) = authentication.challenge()
        {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// What is not the client's to know goes to the log instead.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        if error.is_internal() {
            let source = error.source().map(ToString::to_string);
            tracing::error!(%error, source, "a request could not be answered");
            let detail = "the server failed; its log tells why";
            return Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail);
        }
        let status = error.faults().map_or_else(|| error.status(), Faults::code);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut problem = Self::new(status, error.to_string());
        problem.0.faults = error.faults().cloned().unwrap_or_default();
        if error.kind() == ErrorKind::Busy {
            let source = error.source().map(ToString::to_string);
            tracing::warn!(%error, source, "a request was not answered for want of room");
            return problem.with_header(header::RETRY_AFTER, HeaderValue::from_static(LATER));
        }
        problem
    }
}

/// What an authenticator answers: a text becomes a problem, anything else is its own form.
impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let status = rejection.status();
        let Some(text) = rejection.text() else {
            let mut problem = Self::new(status, "");
            problem.0.response = Some(rejection.into_response());
            return problem;
        };
        let mut problem = Self::new(status, text);
        problem.0.headers = rejection.headers().clone();
        problem.0.headers.remove(header::CONTENT_TYPE);
        problem
    }
}
