//! JSON Web Tokens: signed by somebody we trust, read by themselves.

use std::future::{Future, ready};
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{DecodingKey, Validation};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::auth::{Identity, Recognized};
use crate::handshake::Rejection;

/// What the verification of a token gives, once it is through.
pub type Verified<U> = Pin<Box<dyn Future<Output = Result<Option<Identity<U>>, Rejection>> + Send>>;

/// Verifies JSON Web Tokens, wherever they travel: `bearer(jwt(key, validation, account))`.
///
/// `user` is an async function of the token's claims, which gives what a [verifier](crate::TokenAuthenticator) gives. The
/// identity ends when the token does (`exp`, and the validation's leeway), unless it was given an end already, or the
/// validation does not look at `exp`. What is not a JWT at all is left to the next authenticator; one that is
/// forged, expired or not for us is refused with 401.
///
/// Feature `jwt`. Which implementation of the algorithms to use is the application's choice: enable `rust_crypto` or
/// `aws_lc_rs` of the crate `jsonwebtoken` 11.
///
/// ```
/// use jsonwebtoken::{Algorithm, DecodingKey, Validation};
/// use serde::Deserialize;
/// use sockeye::{IntoEndpoint, WebSocket, bearer, jwt};
///
/// #[derive(Deserialize)]
/// struct Claims { sub: String }
///
/// async fn account(claims: Claims) -> Option<String> {
///     Some(claims.sub)
/// }
///
/// async fn feed(socket: WebSocket) {
///     socket.send("welcome");
/// }
///
/// let key = DecodingKey::from_secret(b"only an example, and too short");
/// let tokens = bearer(jwt(key, Validation::new(Algorithm::HS256), account)).or_subprotocol();
/// let endpoint = feed.authenticate(tokens);
/// # let _: sockeye::Endpoint<(), String> = endpoint;
/// ```
pub fn jwt<C, F, Fut>(
    key: DecodingKey,
    validation: Validation,
    user: F,
) -> impl Fn(String) -> Verified<<Fut::Output as Recognized>::User> + Send + Sync + 'static
where
    C: DeserializeOwned,
    F: Fn(C) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: Recognized> + Send + 'static,
{
    move |token| {
        let claims = match claims(&token, &key, &validation) {
            Ok(Some(claims)) => claims,
            Ok(None) => return Box::pin(ready(Ok(None))),
            Err(rejection) => return Box::pin(ready(Err(rejection))),
        };
        let ends = end(&claims, &validation);
        let claims = match serde_json::from_value(claims) {
            Ok(claims) => claims,
            Err(error) => {
                tracing::debug!(%error, "the claims of a token do not fit");
                let refusal = Rejection::unauthorized("the claims of the token do not fit");
                return Box::pin(ready(Err(refusal)));
            }
        };
        let recognized = user(claims);
        Box::pin(async move {
            let identity = recognized.await.into_recognized()?;
            Ok(identity.map(|identity| match (identity.expires(), ends) {
                (None, Some(ends)) => identity.expires_at(ends),
                _ => identity,
            }))
        })
    }
}

/// Reads and verifies a token; `None` when it is none.
fn claims(
    token: &str,
    key: &DecodingKey,
    validation: &Validation,
) -> Result<Option<Value>, Rejection> {
    if jsonwebtoken::decode_header(token).is_err() {
        return Ok(None);
    }
    match jsonwebtoken::decode(token, key, validation) {
        Ok(decoded) => Ok(Some(decoded.claims)),
        Err(error) => {
            tracing::debug!(%error, "a token was refused");
            Err(Rejection::unauthorized(match error.kind() {
                ErrorKind::ExpiredSignature => "the token has expired",
                _ => "the token is not valid",
            }))
        }
    }
}

/// When a token ends, if its end counts.
fn end(claims: &Value, validation: &Validation) -> Option<SystemTime> {
    let seconds = claims.get("exp").filter(|_| validation.validate_exp)?;
    let left = Duration::try_from_secs_f64(seconds.as_f64()?).ok()?;
    let leeway = Duration::from_secs(validation.leeway);
    SystemTime::UNIX_EPOCH.checked_add(left.checked_add(leeway)?)
}
