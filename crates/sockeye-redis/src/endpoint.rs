//! Endpoint: where a Redis listens, and as whom it is spoken to. Shown without its password.

use std::fmt;
use std::path::PathBuf;

use redis::{
    ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisConnectionInfo,
    RedisError,
};
use sockeye::{Error, Result};

use crate::Tls;

/// One server.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) place: Place,
    pub(crate) is_tls: bool,
    pub(crate) settings: RedisConnectionInfo,
}

/// Where it listens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Tcp { host: String, port: u16 },
    Unix(PathBuf),
}

impl Endpoint {
    /// Reads a URL. Its text is in no error: there may be a password in it.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(unusable("it has no scheme"));
        };
        let is_tls = matches!(scheme, "rediss" | "valkeys");
        let scheme = match scheme {
            "redis" | "rediss" | "valkey" | "valkeys" => "redis",
            "unix" | "redis+unix" | "valkey+unix" => "unix",
            other => {
                return Err(unusable(&format!(
                    "its scheme is `{}`",
                    other.escape_debug()
                )));
            }
        };
        if is_tls {
            Tls::supported()?;
        }
        if rest.contains('#') {
            return Err(unusable(
                "there is a `#` in it, which is `%23` in a password",
            ));
        }
        if scheme == "redis" && rest.contains('?') {
            return Err(unusable(
                "there is a `?` in it, which is `%3F` in a password",
            ));
        }
        let parsed = format!("{scheme}://{rest}").into_connection_info();
        let parsed = parsed.map_err(|error| unusable(&found(&error)))?;
        Self::new(&parsed, is_tls)
    }

    fn new(parsed: &ConnectionInfo, is_tls: bool) -> Result<Self> {
        let place = match parsed.addr() {
            ConnectionAddr::Tcp(host, port) if !host.is_empty() => Place::Tcp {
                host: host.clone(),
                port: *port,
            },
            ConnectionAddr::Unix(path) => Place::Unix(path.clone()),
            _ => return Err(unusable("it names no host")),
        };
        let settings = parsed.redis_settings().clone();
        let settings = settings.set_protocol(ProtocolVersion::RESP3);
        Ok(Self {
            place,
            is_tls,
            // A user with few rights may not tell its library, and Redis would log each try.
            settings: settings.set_skip_set_lib_name(),
        })
    }

    /// Another server that is spoken to in the same way.
    pub(crate) fn at(&self, place: Place) -> Self {
        Self {
            place,
            ..self.clone()
        }
    }
}

/// What is wrong with a URL, without the kind of error that this is for the client's library.
fn found(error: &RedisError) -> String {
    let text = error.to_string();
    text.split(" - ").next().unwrap_or(&text).to_lowercase()
}

fn unusable(found: &str) -> Error {
    Error::new(format!(
        "cannot use the URL of Redis: {found}; write redis://host:6379, redis://user:password@host:6379, rediss://host:6379 for \
         TLS, or unix:///path/of/the/socket"
    ))
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read() {
        for (url, shown, user, password) in [
            ("redis://host", "host:6379", None, None),
            ("redis://[::1]:7000/2", "[::1]:7000", None, None),
            (
                "valkey://:pass@10.0.0.7:1",
                "10.0.0.7:1",
                None,
                Some("pass"),
            ),
            (
                "redis://me:p%23%3F@host",
                "host:6379",
                Some("me"),
                Some("p#?"),
            ),
            (
                "unix:///run/redis.sock?pass=word",
                "/run/redis.sock",
                None,
                Some("word"),
            ),
        ] {
            let endpoint = Endpoint::parse(url).unwrap();
            assert_eq!(endpoint.to_string(), shown, "{url}");
            assert_eq!(endpoint.settings.username(), user, "{url}");
            assert_eq!(endpoint.settings.password(), password, "{url}");
            assert_eq!(endpoint.settings.protocol(), ProtocolVersion::RESP3);
        }
    }

    #[test]
    fn a_url_that_is_none_is_refused_with_what_to_write_and_without_its_secrets() {
        for (url, found) in [
            ("", "no scheme"),
            ("host:6379", "no scheme"),
            ("http://host", "its scheme is `http`"),
            ("redis://", "missing hostname"),
            ("redis://0.0.0.0", "wildcard"),
            ("redis://:secret@host:port", "did not parse"),
            ("redis://:sec#ret@host", "`%23`"),
            ("redis://:sec?ret@host", "`%3F`"),
            ("redis://me:123/secret@host", "invalid database number"),
            ("redis://host/secret", "invalid database number"),
            ("unix://", "missing path"),
        ] {
            let error = Endpoint::parse(url).map(|_| ()).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains(found), "{url}: {text}");
            assert!(text.contains("write redis://host:6379"), "{url}: {text}");
            assert!(
                !text.contains("secret") && !text.contains("ret@"),
                "{url}: {text}"
            );
        }
    }

    #[test]
    fn the_password_is_never_shown() {
        let endpoint = Endpoint::parse("redis://me:secret@host").unwrap();
        assert_eq!(format!("{endpoint} {endpoint:?}"), "host:6379 host:6379");
    }
}
