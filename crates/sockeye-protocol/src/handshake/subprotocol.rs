//! `Sec-WebSocket-Protocol`: what the client speaks and what the server picks (RFC 6455 1.9).

use http::HeaderMap;
use http::header::SEC_WEBSOCKET_PROTOCOL;

use crate::handshake::error::HandshakeError;
use crate::token;

/// Most subprotocols that one request may offer. Clients offer one or two; the bound keeps the search for duplicates
/// short.
pub const SUBPROTOCOLS_MAX: usize = 64;

/// The subprotocols that a request offers, in the client's order of preference.
///
/// # Errors
/// When one is not a token, comes twice (RFC 6455 4.1: all are unique), or there are more than [`SUBPROTOCOLS_MAX`].
pub fn offered_subprotocols(headers: &HeaderMap) -> Result<Vec<&str>, HandshakeError> {
    let mut offered = Vec::new();
    for element in token::elements(headers, &SEC_WEBSOCKET_PROTOCOL) {
        let name = str::from_utf8(element)
            .ok()
            .filter(|name| token::is_token(name.as_bytes()));
        let Some(name) = name else {
            return Err(HandshakeError::SubprotocolInvalid {
                found: token::excerpt(element),
            });
        };
        if offered.contains(&name) {
            return Err(HandshakeError::SubprotocolRepeated {
                found: token::excerpt(element),
            });
        }
        if offered.len() == SUBPROTOCOLS_MAX {
            return Err(HandshakeError::TooManySubprotocols);
        }
        offered.push(name);
    }
    Ok(offered)
}

/// The first of `supported`, the server's order of preference, that is among `offered`. Names are case-sensitive.
#[must_use]
pub fn choose_subprotocol<'s, S: AsRef<str>>(
    offered: &[&str],
    supported: &'s [S],
) -> Option<&'s str> {
    supported
        .iter()
        .map(AsRef::as_ref)
        .find(|name| offered.contains(name))
}
