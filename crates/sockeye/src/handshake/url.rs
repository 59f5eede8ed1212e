//! The URL that a handshake was sent to.

use std::borrow::Cow;
use std::fmt;

/// The URL of a handshake, put together from the request line, the `Host` header and the kind of
/// transport.
///
/// The scheme says how this server was reached; behind a proxy that ends TLS it is `ws`. `Display`
/// gives the whole URL, the query (and any token in it) included; `Debug` leaves the query out.
#[derive(Clone)]
pub struct Url<'a> {
    secure: bool,
    authority: Cow<'a, str>,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Url<'a> {
    /// `target` is a path with an optional query, `authority` is empty or one that [`Authority`]
    /// has read.
    pub(crate) fn new(secure: bool, authority: Cow<'a, str>, target: &'a str) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        Self {
            secure,
            authority,
            path,
            query,
        }
    }

    /// Returns `ws`, or `wss` over TLS.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.secure { "wss" } else { "ws" }
    }

    /// Returns the host as the client wrote it, an IPv6 address in brackets; without a usable
    /// `Host` header the local address, and `None` when that is unknown too.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        Authority::parse(&self.authority).map(|authority| authority.host)
    }

    /// Returns the port, or `None` when it is the scheme's own (80 and 443).
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        let usual = if self.secure { 443 } else { 80 };
        Authority::parse(&self.authority)?
            .port
            .filter(|port| *port != usual)
    }

    /// Returns the path as it was sent, percent-encoded.
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// Returns the query as it was sent, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&'a str> {
        self.query
    }

    fn write_without_query(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.host().unwrap_or_default())?;
        if let Some(port) = self.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.path)
    }
}

impl fmt::Display for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_without_query(f)?;
        match self.query {
            Some(query) => write!(f, "?{query}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_without_query(f)
    }
}

/// A host with an optional port, as the `Host` and `Origin` headers carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Authority<'a> {
    /// Labels of ASCII letters, digits, `-` and `_`, or an IPv6 address in brackets.
    pub(crate) host: &'a str,
    pub(crate) port: Option<u16>,
}

impl<'a> Authority<'a> {
    /// Reads `host` or `host:port`; anything else (user information, an empty port,
    /// percent-encoding) is `None`.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let host_end = match text.strip_prefix('[') {
            Some(address) => address.find(']')? + 2,
            None => text.find(':').unwrap_or(text.len()),
        };
        let (host, rest) = text.split_at_checked(host_end)?;
        let port = match rest.strip_prefix(':') {
            Some(digits) => Some(read_port(digits)?),
            None if rest.is_empty() => None,
            None => return None,
        };
        is_host(host).then_some(Self { host, port })
    }
}

fn read_port(digits: &str) -> Option<u16> {
    // `parse` would take a sign.
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    // One dot at the end is the DNS root, which is a host of its own to browsers.
    host.strip_suffix('.')
        .unwrap_or(host)
        .split('.')
        .all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url<'a>(secure: bool, authority: &'a str, target: &'a str) -> Url<'a> {
        Url::new(secure, Cow::Borrowed(authority), target)
    }

    #[test]
    fn a_url_shows_its_parts_and_leaves_out_the_usual_port() {
        let plain = url(false, "chat.example:80", "/a%20b?x=1&y");
        assert_eq!(
            (plain.scheme(), plain.host(), plain.port()),
            ("ws", Some("chat.example"), None)
        );
        assert_eq!((plain.path(), plain.query()), ("/a%20b", Some("x=1&y")));
        assert_eq!(plain.to_string(), "ws://chat.example/a%20b?x=1&y");

        assert_eq!(
            url(true, "chat.example:443", "/").to_string(),
            "wss://chat.example/"
        );
        assert_eq!(
            url(true, "chat.example:80", "/").to_string(),
            "wss://chat.example:80/"
        );
        assert_eq!(
            url(false, "[::1]:9000", "/x?").to_string(),
            "ws://[::1]:9000/x?"
        );
        assert_eq!(url(false, "", "/x").host(), None);
    }

    #[test]
    fn debug_leaves_the_query_out() {
        let text = format!("{:?}", url(true, "chat.example", "/room?token=canary"));
        assert_eq!(text, "wss://chat.example/room");
    }

    #[test]
    fn an_authority_is_a_host_with_an_optional_port_and_nothing_else() {
        let rows = [
            ("a.example", "a.example", None),
            ("a.example:8080", "a.example", Some(8080)),
            ("A.example.", "A.example.", None),
            ("my_service:1", "my_service", Some(1)),
            ("127.0.0.1:65535", "127.0.0.1", Some(65535)),
            ("[::1]", "[::1]", None),
            ("[::1]:80", "[::1]", Some(80)),
        ];
        for (text, host, port) in rows {
            assert_eq!(
                Authority::parse(text),
                Some(Authority { host, port }),
                "{text}"
            );
        }
        let others = "|:80|.|a..example|.example|a.example:|a.example:65536|a.example:+80|\
            user@a.example|a.example/|a.example:80:80|a%2eexample|[::1|[::1]x|[a.example]|[]|[|a b|bücher.example";
        for text in others.split('|') {
            assert_eq!(Authority::parse(text), None, "{text}");
        }
    }
}
