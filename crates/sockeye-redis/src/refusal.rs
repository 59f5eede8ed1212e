//! Refusal: what an error of Redis means for a session.

use redis::{RedisError, ServerError, ServerErrorKind, Value};
use sockeye::Error;

/// A reply that is an error.
pub(crate) struct Refusal {
    /// Whether Redis goes on with all else. Anything but a lack of permission says that this is not the server, or not the
    /// state of it, that the session was opened for.
    pub(crate) is_lasting: bool,
    pub(crate) error: Error,
}

impl Refusal {
    /// What a reply refuses, if it does.
    pub(crate) fn of(reply: &Value) -> Option<Self> {
        match reply {
            Value::ServerError(error) => Some(error.into()),
            _ => None,
        }
    }
}

impl From<&ServerError> for Refusal {
    fn from(error: &ServerError) -> Self {
        let details = error.details().unwrap_or_default();
        Self {
            is_lasting: error.kind() == Some(ServerErrorKind::NoPerm),
            error: Error::new(format!("Redis says: {} {details}", error.code())),
        }
    }
}

impl From<RedisError> for Refusal {
    fn from(error: RedisError) -> Self {
        Self {
            is_lasting: error.kind() == ServerErrorKind::NoPerm.into(),
            error: explained(&error),
        }
    }
}

/// What went wrong, in Redis's words where it spoke.
pub(crate) fn explained(error: &RedisError) -> Error {
    match (error.code(), error.detail()) {
        (Some(code), Some(detail)) => Error::new(format!("Redis says: {code} {detail}")),
        _ => Error::new(error.to_string()),
    }
}
