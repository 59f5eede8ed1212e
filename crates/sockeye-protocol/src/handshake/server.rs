//! A client's request, judged by the server.

use http::header::{
    CONNECTION, CONTENT_LENGTH, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Version};

use crate::handshake::error::HandshakeError;
use crate::handshake::key;
use crate::token;

/// A request that may become a WebSocket connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The `Sec-WebSocket-Accept` that HTTP/1.1 wants; HTTP/2 has none.
    accept: Option<HeaderValue>,
}

impl Request {
    /// Checks a request by RFC 6455 4.2.1, or for HTTP/2 by RFC 8441; `protocol` is the value of the pseudo-header
    /// `:protocol`, which makes a CONNECT an extended one. Origin is the application's affair, and so is `:authority`,
    /// which HTTP/2 has in the place of Host.
    ///
    /// # Errors
    /// With what is wrong and how to answer: [`HandshakeError::response`].
    pub fn check(
        method: &Method,
        version: Version,
        headers: &HeaderMap,
        protocol: Option<&str>,
    ) -> Result<Self, HandshakeError> {
        let accept = match version {
            Version::HTTP_11 => Some(check_http1(method, headers)?),
            Version::HTTP_2 | Version::HTTP_3 => {
                check_http2(method, headers, protocol)?;
                None
            }
            found => return Err(HandshakeError::HttpVersion { found }),
        };
        check_body(headers)?;
        check_version(headers)?;
        Ok(Self { accept })
    }

    /// The answer that accepts: 101 for HTTP/1.1, 200 for HTTP/2.
    ///
    /// `subprotocol` comes from [`choose_subprotocol`](crate::handshake::choose_subprotocol), `extensions` from
    /// [`deflate::negotiate`](crate::deflate::negotiate).
    ///
    /// # Panics
    /// When `subprotocol` is not a token.
    #[must_use]
    #[track_caller]
    pub fn response(
        &self,
        subprotocol: Option<&str>,
        extensions: Option<HeaderValue>,
    ) -> Response<()> {
        let mut response = Response::new(());
        let headers = response.headers_mut();
        if let Some(accept) = &self.accept {
            headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(SEC_WEBSOCKET_ACCEPT, accept.clone());
        }
        if let Some(name) = subprotocol {
            assert!(
                token::is_token(name.as_bytes()),
                "subprotocol {name:?} is not a token"
            );
            headers.extend(HeaderValue::try_from(name).map(|name| (SEC_WEBSOCKET_PROTOCOL, name)));
        }
        if let Some(extensions) = extensions {
            headers.insert(SEC_WEBSOCKET_EXTENSIONS, extensions);
        }
        if self.accept.is_some() {
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        }
        response
    }
}

/// Checks what only HTTP/1.1 asks for, and computes the accept key.
fn check_http1(method: &Method, headers: &HeaderMap) -> Result<HeaderValue, HandshakeError> {
    if !token::contains(headers, &UPGRADE, "websocket") {
        return Err(match headers.contains_key(SEC_WEBSOCKET_KEY) {
            true => HandshakeError::UpgradeMissing,
            false => HandshakeError::NotAnUpgrade,
        });
    }
    if method != Method::GET {
        let found = token::excerpt(method.as_str().as_bytes());
        return Err(HandshakeError::Method { found });
    }
    if !token::contains(headers, &CONNECTION, "upgrade") {
        return Err(HandshakeError::ConnectionMissing);
    }
    match token::only(headers, &HOST) {
        Ok(host) if is_host(host.as_bytes()) => {}
        Ok(host) if !host.is_empty() => {
            let found = token::excerpt(host.as_bytes());
            return Err(HandshakeError::HostInvalid { found });
        }
        Ok(_) => return Err(HandshakeError::Host { found: 1 }),
        Err(found) => return Err(HandshakeError::Host { found }),
    }
    let key = token::only(headers, &SEC_WEBSOCKET_KEY)
        .map_err(|found| HandshakeError::KeyCount { found })?
        .as_bytes()
        .trim_ascii();
    let invalid = || HandshakeError::KeyInvalid {
        found: token::excerpt(key),
    };
    if !key::is_valid(key) {
        return Err(invalid());
    }
    HeaderValue::try_from(key::accept_key(key)).map_err(|_| invalid())
}

/// Whether a Host is a name or an address, with a port or without (RFC 9112 3.2): any other is read differently by the
/// proxies before us.
fn is_host(host: &[u8]) -> bool {
    let Ok(authority) = Authority::try_from(host) else {
        return false;
    };
    let port_is_whole = authority.port().is_some() || authority.host().len() == host.len();
    port_is_whole && !host.contains(&b'@')
}

/// Checks what only HTTP/2 asks for (RFC 8441 5). `Sec-WebSocket-Key` has no meaning there and is not looked at.
fn check_http2(
    method: &Method,
    headers: &HeaderMap,
    protocol: Option<&str>,
) -> Result<(), HandshakeError> {
    let Some(protocol) = protocol.filter(|_| method == Method::CONNECT) else {
        return Err(HandshakeError::NotAnExtendedConnect);
    };
    // In any case, as protocol names are everywhere in HTTP (RFC 9110 7.8).
    if !protocol.eq_ignore_ascii_case("websocket") {
        let found = token::excerpt(protocol.as_bytes());
        return Err(match token::is_token(protocol.as_bytes()) {
            true => HandshakeError::OtherProtocol { found },
            false => HandshakeError::ProtocolInvalid { found },
        });
    }
    for (header, found) in [(CONNECTION, "connection"), (UPGRADE, "upgrade")] {
        if headers.contains_key(header) {
            return Err(HandshakeError::Http2Header { found });
        }
    }
    Ok(())
}

/// Refuses a request with a body: what follows the head would be read as frames by us and as a body by a proxy.
fn check_body(headers: &HeaderMap) -> Result<(), HandshakeError> {
    if headers.contains_key(TRANSFER_ENCODING) {
        return Err(HandshakeError::Body {
            found: "Transfer-Encoding".to_owned(),
        });
    }
    match token::only(headers, &CONTENT_LENGTH) {
        Err(0) => Ok(()),
        Ok(length) if length.as_bytes().trim_ascii() == b"0" => Ok(()),
        Ok(length) => {
            let found = format!("Content-Length: {}", token::excerpt(length.as_bytes()));
            Err(HandshakeError::Body { found })
        }
        Err(lines) => Err(HandshakeError::Body {
            found: format!("{lines} Content-Length headers"),
        }),
    }
}

/// Checks that version 13 is asked for, and nothing beside it (RFC 6455 11.3.5: the header comes once).
fn check_version(headers: &HeaderMap) -> Result<(), HandshakeError> {
    match token::only(headers, &SEC_WEBSOCKET_VERSION) {
        Ok(found) if found.as_bytes().trim_ascii() == b"13" => Ok(()),
        Ok(found) => Err(HandshakeError::Version {
            found: token::excerpt(found.as_bytes()),
        }),
        Err(0) => Err(HandshakeError::Version {
            found: String::new(),
        }),
        Err(lines) => Err(HandshakeError::Version {
            found: format!("{lines} values"),
        }),
    }
}
