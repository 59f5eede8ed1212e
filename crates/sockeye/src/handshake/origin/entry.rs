//! One origin: a scheme, a host and a port, as a page has it or as a list allows it.

use crate::handshake::url::Authority;

/// The origin of a page (RFC 6454), as sent.
///
/// Two are equal when scheme, host and port are, without regard to case and with the usual ports
/// filled in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) scheme: &'a str,
    pub(super) authority: Authority<'a>,
}

impl<'a> Origin<'a> {
    /// Reads `scheme://host` or `scheme://host:port`; anything else, `null` among it, is `None`.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        is_scheme(scheme).then_some(())?;
        Some(Self {
            scheme,
            authority: Authority::parse(authority)?,
        })
    }

    fn port(&self) -> Option<u16> {
        let usual = match self.scheme.to_ascii_lowercase().as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        self.authority.port.or(usual)
    }
}

impl PartialEq for Origin<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.scheme.eq_ignore_ascii_case(other.scheme)
            && self
                .authority
                .host
                .eq_ignore_ascii_case(other.authority.host)
            && self.port() == other.port()
    }
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// One entry of a list of allowed origins.
#[derive(Clone, Debug)]
pub(super) struct Allowed {
    /// The origin; for a wildcard the one above those it admits.
    origin: Box<str>,
    below: bool,
}

impl Allowed {
    /// Reads an entry.
    ///
    /// # Panics
    /// When `entry` is not an origin.
    #[track_caller]
    pub(super) fn parse(entry: &str) -> Self {
        let (origin, below) = match entry.split_once("://*.") {
            Some((scheme, domain)) => (format!("{scheme}://{domain}"), true),
            None => (entry.to_owned(), false),
        };
        if let Some(advice) = fault(entry, &origin, below) {
            refuse(entry, advice);
        }
        Self {
            origin: origin.into(),
            below,
        }
    }

    /// Tells whether `page` is this origin, or below it where the entry has a wildcard.
    pub(super) fn admits(&self, page: &Origin<'_>) -> bool {
        let Some(own) = Origin::parse(&self.origin) else {
            return false;
        };
        if !self.below {
            return own == *page;
        }
        let host = page.authority.host;
        let start = host.len().checked_sub(own.authority.host.len());
        let Some((above, host)) = start.and_then(|start| host.split_at_checked(start)) else {
            return false;
        };
        let authority = Authority {
            host,
            ..page.authority
        };
        // The dot keeps `evilexample.com` apart from `example.com`.
        above.ends_with('.') && own == Origin { authority, ..*page }
    }
}

/// Says what to write instead of an entry that is no origin.
fn fault(entry: &str, origin: &str, below: bool) -> Option<&'static str> {
    let lower = entry.to_ascii_lowercase();
    if entry == "*" {
        return Some("use OriginPolicy::any() for every page");
    }
    if lower == "null" {
        return Some(
            "sandboxed frames and local files of anybody send it, so it cannot be allowed",
        );
    }
    if lower.starts_with("ws://") || lower.starts_with("wss://") {
        return Some("an origin is that of the page, which has http:// or https://");
    }
    if !entry.is_ascii() {
        return Some("write the name in punycode (xn--...), the form that browsers send");
    }
    let Some(Origin { authority, .. }) = Origin::parse(origin) else {
        return Some("write scheme://host or scheme://host:port and nothing after it");
    };
    if below && !is_wide_enough(authority.host) {
        return Some("a wildcard stands above a domain of your own, such as https://*.example.com");
    }
    None
}

/// A wildcard over a whole top-level domain would be open to anybody who registers a name.
fn is_wide_enough(domain: &str) -> bool {
    domain.trim_end_matches('.').contains('.') || domain.eq_ignore_ascii_case("localhost")
}

#[track_caller]
#[allow(
    clippy::panic,
    reason = "a policy is written by the programmer, before any request"
)]
fn refuse(entry: &str, advice: &str) -> ! {
    panic!("`{entry}` cannot be an allowed origin: {advice}")
}
