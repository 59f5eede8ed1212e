//! A client's request and the server's answer to it, as the client sees them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use thiserror::Error;

use crate::deflate::{self, Deflate, DeflateConfig, ExtensionError};
use crate::handshake::key;
use crate::token;

/// What a client asks of a server over HTTP/1.1 (RFC 6455 4.1).
#[derive(Clone, Debug)]
pub struct Offer {
    key: String,
    subprotocols: Vec<String>,
    deflate: Option<DeflateConfig>,
}

/// What a server agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// The subprotocol it chose.
    pub subprotocol: Option<String>,
    /// The compression it agreed to.
    pub deflate: Option<Deflate>,
}

/// Why a server's answer does not open a connection.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// The server refused, redirected, or asks for a login: the response is an ordinary one.
    #[error("server answered {found} instead of 101 Switching Protocols; its body may say why")]
    Status {
        /// The status found.
        found: StatusCode,
    },
    /// RFC 6455 4.1: the answer has `Upgrade: websocket`.
    #[error(
        "server answered 101 without `Upgrade: websocket`; check that the address speaks WebSocket"
    )]
    UpgradeMissing,
    /// RFC 6455 4.1: the answer has `Connection: upgrade`.
    #[error(
        "server answered 101 without `Connection: upgrade`; check that the address speaks WebSocket"
    )]
    ConnectionMissing,
    /// RFC 6455 4.1: the accept key answers this request.
    #[error(
        "server answered with a Sec-WebSocket-Accept that does not belong to the request; a cache may be between"
    )]
    Accept,
    /// RFC 6455 4.1: the server chooses among what was offered, or nothing.
    #[error("server chose the subprotocol \"{found}\", which was not offered")]
    Subprotocol {
        /// The value found.
        found: String,
    },
    /// RFC 6455 4.1: the server agrees to extensions that were offered, or to none.
    #[error(transparent)]
    Extension(#[from] ExtensionError),
}

impl Offer {
    /// An offer without subprotocols and compression. `nonce` must be random, and new for each connection.
    #[must_use]
    pub fn new(nonce: [u8; 16]) -> Self {
        Self {
            key: STANDARD.encode(nonce),
            subprotocols: Vec::new(),
            deflate: None,
        }
    }

    /// Offers this subprotocol after those offered before.
    ///
    /// # Panics
    /// When `name` is not a token or is offered twice.
    #[must_use]
    #[track_caller]
    pub fn subprotocol(mut self, name: &str) -> Self {
        assert!(
            token::is_token(name.as_bytes()),
            "subprotocol {name:?} has spaces or separators"
        );
        assert!(
            !self.subprotocols.iter().any(|one| one == name),
            "subprotocol {name:?} is offered twice"
        );
        self.subprotocols.push(name.to_owned());
        self
    }

    /// Offers compression.
    #[must_use]
    pub const fn deflate(mut self, config: DeflateConfig) -> Self {
        self.deflate = Some(config);
        self
    }

    /// The headers of the GET request, all but Host, Origin and what the application adds.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        headers.extend(HeaderValue::try_from(&self.key).map(|key| (SEC_WEBSOCKET_KEY, key)));
        if !self.subprotocols.is_empty() {
            let list = HeaderValue::try_from(self.subprotocols.join(", "));
            headers.extend(list.map(|list| (SEC_WEBSOCKET_PROTOCOL, list)));
        }
        let extensions = self.deflate.as_ref().and_then(deflate::offer);
        headers.extend(extensions.map(|extensions| (SEC_WEBSOCKET_EXTENSIONS, extensions)));
        headers
    }

    /// Checks the server's answer to this offer.
    ///
    /// # Errors
    /// When it is not the one answer that opens a connection: hang up.
    pub fn check_response(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Result<Agreed, ResponseError> {
        if status != StatusCode::SWITCHING_PROTOCOLS {
            return Err(ResponseError::Status { found: status });
        }
        if !token::contains(headers, &UPGRADE, "websocket") {
            return Err(ResponseError::UpgradeMissing);
        }
        if !token::contains(headers, &CONNECTION, "upgrade") {
            return Err(ResponseError::ConnectionMissing);
        }
        let expected = key::accept_key(self.key.as_bytes());
        match token::only(headers, &SEC_WEBSOCKET_ACCEPT) {
            Ok(found) if found.as_bytes().trim_ascii() == expected.as_bytes() => {}
            _ => return Err(ResponseError::Accept),
        }
        Ok(Agreed {
            subprotocol: self.check_subprotocol(headers)?,
            deflate: self.check_extensions(headers)?,
        })
    }

    fn check_subprotocol(&self, headers: &HeaderMap) -> Result<Option<String>, ResponseError> {
        let chosen = match token::only(headers, &SEC_WEBSOCKET_PROTOCOL) {
            Ok(chosen) => chosen.as_bytes().trim_ascii(),
            Err(0) => return Ok(None),
            Err(lines) => {
                return Err(ResponseError::Subprotocol {
                    found: format!("{lines} of them"),
                });
            }
        };
        match self
            .subprotocols
            .iter()
            .find(|name| name.as_bytes() == chosen)
        {
            Some(name) => Ok(Some(name.clone())),
            None => Err(ResponseError::Subprotocol {
                found: token::excerpt(chosen),
            }),
        }
    }

    fn check_extensions(&self, headers: &HeaderMap) -> Result<Option<Deflate>, ResponseError> {
        if let Some(config) = &self.deflate {
            return Ok(deflate::check_answer(headers, config)?);
        }
        match headers.get(SEC_WEBSOCKET_EXTENSIONS) {
            None => Ok(None),
            Some(found) => {
                let found = token::excerpt(found.as_bytes());
                Err(ExtensionError::NotOffered { found }.into())
            }
        }
    }
}
