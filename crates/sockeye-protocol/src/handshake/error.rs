//! Why a request does not become a WebSocket connection.

use http::header::{ALLOW, CONNECTION, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderValue, Response, StatusCode};
use thiserror::Error;

use crate::deflate::ExtensionError;

/// What a request lacks to become a WebSocket connection. The text is for the client's developer: what was found and
/// what to do; values from the request are cut to 64 bytes and escaped.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// An ordinary HTTP request: no sign of an upgrade at all.
    #[error(
        "this address speaks WebSocket, and the request did not ask for it; connect with a WebSocket client (ws:// or wss://)"
    )]
    NotAnUpgrade,
    /// An ordinary HTTP/2 request.
    #[error(
        "this address speaks WebSocket, and the request did not ask for it; over HTTP/2 send CONNECT with `:protocol` websocket"
    )]
    NotAnExtendedConnect,
    /// RFC 6455 4.1: the method is GET.
    #[error("request asks for a WebSocket with method {found}; send GET")]
    Method {
        /// The method found.
        found: String,
    },
    /// RFC 6455 4.1: HTTP/1.1 or later.
    #[error("request came over {found:?}; a WebSocket needs HTTP/1.1 or HTTP/2")]
    HttpVersion {
        /// The version found.
        found: http::Version,
    },
    /// RFC 6455 4.1: the Upgrade header lists `websocket`.
    #[error(
        "request has Sec-WebSocket-Key but no `Upgrade: websocket`; a proxy that drops it has to pass Upgrade and Connection on"
    )]
    UpgradeMissing,
    /// RFC 6455 4.1: the Connection header lists `upgrade`.
    #[error(
        "request has `Upgrade: websocket` but no `Connection: upgrade`; a proxy that drops it has to pass Upgrade and Connection on"
    )]
    ConnectionMissing,
    /// RFC 6455 4.1: exactly one host.
    #[error("request has {found} Host headers; send exactly one, not empty")]
    Host {
        /// How many lines were found.
        found: usize,
    },
    /// RFC 9112 3.2: a host is a name or an address.
    #[error(
        "request has Host \"{found}\"; send a name or an address, with a port if it is not the usual one"
    )]
    HostInvalid {
        /// The value found.
        found: String,
    },
    /// RFC 6455 4.4: we speak version 13.
    #[error("request asks for WebSocket version \"{found}\"; send `Sec-WebSocket-Version: 13`")]
    Version {
        /// The value found, empty when there is none.
        found: String,
    },
    /// RFC 6455 4.1: exactly one key.
    #[error("request has {found} Sec-WebSocket-Key headers; send exactly one")]
    KeyCount {
        /// How many lines were found.
        found: usize,
    },
    /// RFC 6455 4.1: the key is 16 random bytes in base64.
    #[error("request has Sec-WebSocket-Key \"{found}\"; send 16 random bytes in base64, padded")]
    KeyInvalid {
        /// The value found.
        found: String,
    },
    /// The bytes after the head must be frames, never a second request.
    #[error("request has a body ({found}); send none")]
    Body {
        /// The header that announces it.
        found: String,
    },
    /// RFC 9220 3: an extended CONNECT for something that we do not speak.
    #[error(
        "request asks for `:protocol` {found}; this address speaks WebSocket, send `:protocol` websocket"
    )]
    OtherProtocol {
        /// The protocol found.
        found: String,
    },
    /// RFC 8441 4: the `:protocol` of an extended CONNECT is a token.
    #[error("request has `:protocol` \"{found}\", which is no name; send `:protocol` websocket")]
    ProtocolInvalid {
        /// The value found.
        found: String,
    },
    /// RFC 9113 8.2.2: no connection-specific headers in HTTP/2.
    #[error(
        "request has the header {found}, which HTTP/2 forbids; send CONNECT with `:protocol` websocket instead"
    )]
    Http2Header {
        /// The header found.
        found: &'static str,
    },
    /// RFC 6455 4.1: subprotocols are tokens.
    #[error("request offers the subprotocol \"{found}\"; send names without spaces or separators")]
    SubprotocolInvalid {
        /// The element found.
        found: String,
    },
    /// RFC 6455 4.1: subprotocols are unique.
    #[error("request offers the subprotocol \"{found}\" twice; send each once")]
    SubprotocolRepeated {
        /// The element found.
        found: String,
    },
    /// More subprotocols than [`SUBPROTOCOLS_MAX`](crate::handshake::SUBPROTOCOLS_MAX).
    #[error("request offers more than 64 subprotocols; send those that the server may know")]
    TooManySubprotocols,
    /// RFC 6455 9.1: the extensions cannot be read.
    #[error(transparent)]
    Extensions(#[from] ExtensionError),
}

impl HandshakeError {
    /// The status to answer with.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotAnUpgrade | Self::Version { .. } => StatusCode::UPGRADE_REQUIRED,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::OtherProtocol { .. } => StatusCode::NOT_IMPLEMENTED,
            Self::HttpVersion { .. } => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Whether the request was ordinary HTTP rather than a handshake gone wrong: one that something else may serve.
    #[must_use]
    pub const fn is_plain_request(&self) -> bool {
        matches!(self, Self::NotAnUpgrade | Self::NotAnExtendedConnect)
    }

    /// The whole answer: status, the headers that RFC 6455 and RFC 9110 ask for with it, and the text as body.
    #[must_use]
    pub fn response(&self) -> Response<String> {
        let mut response = Response::new(self.to_string());
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        match self {
            // RFC 9110 15.5.22 asks for Upgrade with a 426, RFC 6455 4.4 for the version.
            Self::NotAnUpgrade | Self::Version { .. } => {
                headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
                headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            }
            Self::Method { .. } => {
                headers.insert(ALLOW, HeaderValue::from_static("GET"));
            }
            _ => {}
        }
        response
    }
}
