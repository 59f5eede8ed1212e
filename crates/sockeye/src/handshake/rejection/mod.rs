//! The HTTP answer that a client gets instead of an upgrade.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{CONNECTION, CONTENT_TYPE, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::{BodyExt, Limited};
use sockeye_protocol::CloseCode;
use uuid::Uuid;

use crate::error::Error;
use crate::handshake::{ParamError, QueryError, SubprotocolError};

/// How much of an internal error one log line takes, in characters: it may repeat what a client
/// sent.
const LOGGED_MAX: usize = 1_024;

/// How much of a ready-made body is shown to a client that reads no HTTP.
const DETAIL_BYTES_MAX: usize = 1_024;

/// The HTTP answer that a client gets instead of an upgrade: status, headers and body.
///
/// The text of a rejection is for the client to read. What must stay inside goes through
/// [`internal`](Self::internal). `Display` and `Debug` show the status and the text, never the
/// headers.
pub struct Rejection {
    // On the heap, because it is the rare half of many results.
    answer: Box<Answer>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Content,
}

enum Content {
    Text(Cow<'static, str>),
    Body(Body),
}

impl Rejection {
    /// Makes a rejection with a plain text.
    ///
    /// A 1xx status is no answer (101 would be the upgrade itself); it is logged and 500 takes its
    /// place.
    #[must_use]
    pub fn new(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        Self::with_content(status, headers, Content::Text(text.into()))
    }

    fn with_content(status: StatusCode, headers: HeaderMap, body: Content) -> Self {
        let answer = Answer {
            status: final_status(status),
            headers,
            body,
        };
        Self {
            answer: Box::new(answer),
        }
    }

    /// 400: the request itself is wrong.
    #[must_use]
    pub fn bad_request(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// 401: nobody knows who the client is. HTTP wants a `WWW-Authenticate` header here (RFC 9110
    /// section 15.5.2), which [`with_header`](Self::with_header) adds for the scheme that is in
    /// use.
    #[must_use]
    pub fn unauthorized(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, text)
    }

    /// 403: the client may not do this.
    #[must_use]
    pub fn forbidden(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, text)
    }

    /// 404: there is no such route or thing.
    #[must_use]
    pub fn not_found(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    /// 426: this is a WebSocket endpoint and the request does not ask for version 13 of it (RFC
    /// 6455 section 4.4).
    #[must_use]
    pub fn upgrade_required() -> Self {
        Self::new(
            StatusCode::UPGRADE_REQUIRED,
            "this is a WebSocket endpoint: connect with a WebSocket client, version 13",
        )
        .with_header(UPGRADE, HeaderValue::from_static("websocket"))
        .with_header(CONNECTION, HeaderValue::from_static("Upgrade"))
        .with_header(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))
    }

    /// 500: something failed that is not the client's business.
    ///
    /// The error and its sources go to the log (at most 1,024 characters, control characters
    /// escaped) with a random id; the client gets the id only.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let source = source.into();
        let id = Uuid::new_v4();
        let text: String = chain(&*source).chars().take(LOGGED_MAX).collect();
        tracing::error!(error_id = %id, error = ?text, "a handshake failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("internal error {id}"),
        )
    }

    /// Sets a header of the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.answer.headers.insert(name, value);
        self
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.answer.status
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.answer.headers
    }

    /// The code of the close frame that tells a client of it that reads no HTTP: 4000 + status.
    pub(crate) fn close_code(&self) -> CloseCode {
        CloseCode::try_from(4000 + self.answer.status.as_u16()).unwrap_or(CloseCode::POLICY)
    }

    /// Gives the text for a client that reads no HTTP: the rejection's own, that of a short ready-made body of plain
    /// text, or else what its status is called.
    pub(crate) fn into_detail(self) -> String {
        let status = self.answer.status.canonical_reason().unwrap_or_default();
        let plain = self.answer.headers.get(CONTENT_TYPE);
        let plain = plain.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
        let body = match self.answer.body {
            Content::Text(text) => return text.into_owned(),
            Content::Body(body) if plain => body,
            Content::Body(_) => return status.to_owned(),
        };
        // Whatever is not there at once was not a text to begin with.
        let short = Limited::new(body, DETAIL_BYTES_MAX)
            .collect()
            .now_or_never();
        short
            .and_then(Result::ok)
            .and_then(|text| String::from_utf8(text.to_bytes().into()).ok())
            .unwrap_or_else(|| status.to_owned())
    }

    /// Returns the text, or `None` when the body came ready-made with a response.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.answer.body {
            Content::Text(text) => Some(text),
            Content::Body(_) => None,
        }
    }
}

/// Lets through only a status that ends the exchange.
fn final_status(status: StatusCode) -> StatusCode {
    if status.is_informational() {
        tracing::error!(%status, "a rejection cannot be a 1xx answer: give it the final status");
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    status
}

/// Writes an error and its sources on one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let Answer {
            status,
            headers,
            body,
        } = *self.answer;
        let body = match body {
            Content::Text(Cow::Borrowed(text)) => Body::from(text),
            Content::Text(Cow::Owned(text)) => Body::from(text),
            Content::Body(body) => body,
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

impl From<Response> for Rejection {
    fn from(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        Self::with_content(parts.status, parts.headers, Content::Body(body))
    }
}

impl From<StatusCode> for Rejection {
    fn from(status: StatusCode) -> Self {
        Self::new(
            status,
            status
                .canonical_reason()
                .unwrap_or("the handshake was refused"),
        )
    }
}

/// A refusal shows its status and text; anything else stays inside and is 500.
impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        match error.status().map(StatusCode::from_u16) {
            Some(Ok(status)) => Self::new(status, error.to_string()),
            _ => Self::internal(error.into_boxed()),
        }
    }
}

/// So that hooks and HTTP handlers may give [`Result`](crate::Result).
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Rejection::from(self).into_response()
    }
}

/// A text of the client that does not fit is 400; asking for what the route does not have is a
/// mistake in the program, 500.
impl From<ParamError> for Rejection {
    fn from(error: ParamError) -> Self {
        match error {
            ParamError::Invalid { .. } | ParamError::Refused { .. } => {
                Self::bad_request(error.to_string())
            }
            ParamError::Missing { .. } | ParamError::Shape { .. } => Self::internal(error),
        }
    }
}

/// A client that does not speak what the endpoint chose is told to, with 400.
impl From<SubprotocolError> for Rejection {
    fn from(error: SubprotocolError) -> Self {
        Self::bad_request(format!(
            "offer the subprotocol `{}` in Sec-WebSocket-Protocol: this endpoint needs it",
            error.name
        ))
    }
}

/// A query that cannot be read is 400.
impl From<QueryError> for Rejection {
    fn from(error: QueryError) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status())?;
        match self.text() {
            Some(text) => write!(f, ": {}", text),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("status", &self.status())
            .field("text", &self.text())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
