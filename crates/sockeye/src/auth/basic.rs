//! Basic: a name and a password in the `Authorization` header (RFC 7617).

use std::fmt;
use std::future::Future;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderValue;
use http::request::Parts;

use crate::auth::carrier::{Shown, malformed, scheme_value};
use crate::auth::{Authenticator, Identity, Recognized};
use crate::handshake::{Handshake, Rejection};

/// Base64 as clients write it, with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Has the name and the password of a request verified; made by [`basic`].
#[derive(Clone)]
pub struct BasicAuthenticator<V>(V);

/// `Authorization: Basic <name:password in base64>`, in UTF-8. `verify` is an async function of the name and the password,
/// which may be empty, and gives what that of [`bearer`](crate::bearer) gives. It compares passwords by their hash, as a
/// crate for passwords does.
///
/// Only over TLS: what travels is the password itself.
pub fn basic<V>(verify: V) -> BasicAuthenticator<V> {
    BasicAuthenticator(verify)
}

impl<S, V, Fut> Authenticator<S> for BasicAuthenticator<V>
where
    S: Sync,
    V: Fn(String, String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: Recognized> + Send,
{
    type User = <Fut::Output as Recognized>::User;

    async fn authenticate(
        &self,
        handshake: &Handshake,
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Identity<Self::User>>, Rejection> {
        let Some(encoded) = scheme_value(handshake, "Basic")? else {
            return Ok(None);
        };
        parts.extensions.insert(Shown);
        let (name, password) = decode(&encoded)?;
        (self.0)(name, password).await.into_recognized()
    }

    fn challenges(&self) -> Vec<HeaderValue> {
        vec![HeaderValue::from_static(
            "Basic realm=\"socket\", charset=\"UTF-8\"",
        )]
    }
}

fn decode(encoded: &str) -> Result<(String, String), Rejection> {
    let decoded = BASE64
        .decode(encoded)
        .map_err(|_| malformed("is not base64"))?;
    let text = String::from_utf8(decoded).map_err(|_| malformed("is not UTF-8"))?;
    if text.contains(char::is_control) {
        return Err(malformed("holds control characters"));
    }
    let (name, password) = text
        .split_once(':')
        .ok_or_else(|| malformed("has no colon between name and password"))?;
    Ok((name.to_owned(), password.to_owned()))
}

impl<V> fmt::Debug for BasicAuthenticator<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicAuthenticator").finish_non_exhaustive()
    }
}
