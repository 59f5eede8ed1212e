//! Carrier: the place in a request that a credential travels in.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::HeaderValue;
use http::request::Parts;

use crate::handshake::{Handshake, Rejection};

/// Bytes of a credential. Tokens that servers and proxies let through in a header are no longer.
const CREDENTIAL_BYTES_MAX: usize = 8 * 1024;

/// Left in the extensions of a request that shows a credential on purpose, known or not: it is not let in as nobody.
#[derive(Clone, Copy)]
pub(crate) struct Shown;

/// Left in the extensions of a request whose credential came among its subprotocols: it waits for a subprotocol too.
#[derive(Clone, Copy)]
pub(crate) struct TokenOffered;

/// A place to look for a credential.
#[derive(Clone, Debug)]
pub(super) enum Carrier {
    /// The `Authorization` header, with this scheme.
    Scheme(&'static str),
    Header(Cow<'static, str>),
    Query(Cow<'static, str>),
    Cookie(Cow<'static, str>),
    Subprotocol,
}

impl Carrier {
    /// Finds the credential, if there is one; an empty value is none.
    ///
    /// # Errors
    /// When there are several, and nobody can know whose word counts; when it is not well-formed.
    pub(super) fn read(
        &self,
        handshake: &Handshake,
        parts: &mut Parts,
    ) -> Result<Option<String>, Rejection> {
        let found = match self {
            Self::Scheme(scheme) => scheme_value(handshake, scheme)?,
            Self::Header(name) => header(handshake, name)?,
            Self::Query(name) => {
                handshake.query().check()?;
                let place = format_args!("query parameters `{name}`").to_string();
                sole(handshake.query().get_all(name), &place)?.map(Cow::into_owned)
            }
            Self::Cookie(name) => cookie(handshake, name)?,
            Self::Subprotocol => subprotocol(handshake)?,
        };
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            return Ok(None);
        };
        if found.len() > CREDENTIAL_BYTES_MAX {
            return Err(malformed("is longer than 8 KiB"));
        }
        // A browser sends cookies unasked, stale ones too.
        if !matches!(self, Self::Cookie(_)) {
            parts.extensions.insert(Shown);
        }
        if matches!(self, Self::Subprotocol) {
            parts.extensions.insert(TokenOffered);
        }
        Ok(Some(found))
    }

    /// What a 401 says of it, where HTTP has a word for it.
    pub(super) fn challenge(&self) -> Option<HeaderValue> {
        match self {
            Self::Scheme(scheme) => Some(HeaderValue::from_static(scheme)),
            Self::Header(_) | Self::Query(_) | Self::Cookie(_) | Self::Subprotocol => None,
        }
    }
}

/// What stands behind a scheme in the `Authorization` header; `None` for other schemes, whose name has no case.
pub(super) fn scheme_value(
    handshake: &Handshake,
    scheme: &str,
) -> Result<Option<String>, Rejection> {
    let values = handshake.headers().get_all_bytes("authorization");
    let Some(value) = sole(values, "Authorization headers")? else {
        return Ok(None);
    };
    let end = value.iter().position(|byte| *byte == b' ');
    let (named, rest) = value.split_at(end.unwrap_or(value.len()));
    if !named.eq_ignore_ascii_case(scheme.as_bytes()) {
        return Ok(None);
    }
    match text(rest.trim_ascii())? {
        "" => Err(malformed("is missing behind its scheme")),
        value => Ok(Some(value.to_owned())),
    }
}

fn header(handshake: &Handshake, name: &str) -> Result<Option<String>, Rejection> {
    let place = format!("headers `{name}`");
    let value = sole(handshake.headers().get_all_bytes(name), &place)?;
    value
        .map(|value| text(value).map(str::to_owned))
        .transpose()
}

/// The value of a cookie. A neighbouring site can plant a second one of the same name, which must not count.
fn cookie(handshake: &Handshake, name: &str) -> Result<Option<String>, Rejection> {
    let cookies = handshake.cookies();
    let mut values = cookies.iter().filter(|(found, _)| *found == name);
    let Some((_, first)) = values.next() else {
        return Ok(None);
    };
    match values.all(|(_, value)| value == first) {
        true => Ok(Some(first.into_owned())),
        false => Err(several(&format!("different cookies `{name}`"))),
    }
}

/// The token of `base64url.bearer.<application>.<token in base64url>`.
fn subprotocol(handshake: &Handshake) -> Result<Option<String>, Rejection> {
    let Some(found) = sole(handshake.subprotocol_tokens(), "subprotocols with a token")? else {
        return Ok(None);
    };
    let encoded = found.rsplit_once('.').map_or(found, |(_, token)| token);
    let decoded = BASE64_URL_SAFE_NO_PAD
        .decode(encoded)
        .map_err(|_| malformed("is not base64url"))?;
    let token = String::from_utf8(decoded).map_err(|_| malformed("is not UTF-8"))?;
    Ok(Some(token))
}

/// A value as it may stand in a header: visible characters of ASCII.
fn text(value: &[u8]) -> Result<&str, Rejection> {
    let text = str::from_utf8(value).ok();
    text.filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()))
        .ok_or_else(|| malformed("holds more than visible characters of ASCII"))
}

/// The one value there is, if there is one.
fn sole<T>(mut values: impl Iterator<Item = T>, place: &str) -> Result<Option<T>, Rejection> {
    let first = values.next();
    match values.next() {
        None => Ok(first),
        Some(_) => Err(several(place)),
    }
}

fn several(place: &str) -> Rejection {
    Rejection::bad_request(format!("found several {place}: send one"))
}

/// That a credential is no credential.
pub(super) fn malformed(what: &str) -> Rejection {
    Rejection::unauthorized(format!("cannot read the credential: it {what}"))
}
