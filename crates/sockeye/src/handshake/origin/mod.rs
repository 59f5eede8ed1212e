//! The pages that may open a connection, told by the `Origin` header of their browser.

mod entry;

use crate::handshake::origin::entry::{Allowed, Origin};
use crate::handshake::url::Authority;
use crate::handshake::{Handshake, Rejection};

/// Which pages may open a connection; without it any page on the web could use the cookies of its
/// visitors (CWE-1385).
///
/// Browsers send the `Origin` of the page with every handshake and no script can change it. Other
/// clients usually send none and pass, unless [`require_origin`](Self::require_origin) is set; an
/// origin is no proof of identity for them. Refused are, under every policy but [`any`](Self::any):
/// another origin, `null` (sandboxed frames and local files of anybody), an empty or unreadable
/// one, and more than one.
#[derive(Clone, Debug, Default)]
pub struct OriginPolicy {
    rule: Rule,
    trust_forwarded: bool,
    require_origin: bool,
}

#[derive(Clone, Debug, Default)]
enum Rule {
    #[default]
    SameOrigin,
    Allow(Box<[Allowed]>),
    Any,
}

impl OriginPolicy {
    /// Only pages whose scheme, host and port are those of the endpoint itself. This is the
    /// default.
    #[must_use]
    pub fn same_origin() -> Self {
        Self::default()
    }

    /// Only pages of the listed origins; the endpoint's own origin must be listed to be allowed.
    ///
    /// An entry is `https://example.com`, with `:port` when it is not the usual one;
    /// `https://*.example.com` means every name below `example.com`, at any depth, but not
    /// `example.com` itself. Other schemes, such as `chrome-extension://<id>`, are compared as they
    /// are. Names outside ASCII are written in punycode (`xn--...`), the form that browsers send.
    ///
    /// # Panics
    /// When the list is empty or an entry is not an origin; the text says which and how to write
    /// it.
    #[must_use]
    #[track_caller]
    pub fn allow<I>(origins: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let allowed: Box<[Allowed]> = origins
            .into_iter()
            .map(|entry| Allowed::parse(entry.as_ref()))
            .collect();
        assert!(
            !allowed.is_empty(),
            "OriginPolicy::allow got no origin, so no page could connect: list at least one, \
             or use OriginPolicy::same_origin()"
        );
        Self {
            rule: Rule::Allow(allowed),
            ..Self::default()
        }
    }

    /// Every page, `null` included. Only for endpoints that use no cookie and no other credential
    /// that a browser sends by itself.
    #[must_use]
    pub fn any() -> Self {
        Self {
            rule: Rule::Any,
            ..Self::default()
        }
    }

    /// Takes the endpoint's scheme and host from `X-Forwarded-Proto` and `X-Forwarded-Host` where a
    /// proxy sets them; of a list the first entry counts, which is what the browser saw. Off by
    /// default: without a proxy that sets or removes these headers, they say what the client likes.
    #[must_use]
    pub fn trust_forwarded(mut self, trust: bool) -> Self {
        self.trust_forwarded = trust;
        self
    }

    /// Refuses clients that send no `Origin` header at all. Off by default.
    #[must_use]
    pub fn require_origin(mut self, require: bool) -> Self {
        self.require_origin = require;
        self
    }

    /// Decides about a handshake.
    ///
    /// # Errors
    /// A 403 that tells the developer of the page what was expected.
    pub fn check(&self, handshake: &Handshake) -> Result<(), Rejection> {
        let mut sent = handshake.headers().get_all_bytes("origin");
        let Some(origin) = sent.next() else {
            return self.check_absent();
        };
        if matches!(self.rule, Rule::Any) {
            return Ok(());
        }
        let sole = sent.next().is_none();
        let origin = str::from_utf8(origin)
            .ok()
            .filter(|_| sole)
            .and_then(Origin::parse);
        let Some(origin) = origin else {
            return Err(Rejection::forbidden(
                "the Origin header must hold one origin, such as https://example.com",
            ));
        };
        self.check_page(handshake, &origin)
    }

    fn check_absent(&self) -> Result<(), Rejection> {
        if self.require_origin {
            return Err(Rejection::forbidden("this endpoint needs an Origin header"));
        }
        Ok(())
    }

    fn check_page(&self, handshake: &Handshake, page: &Origin<'_>) -> Result<(), Rejection> {
        match &self.rule {
            Rule::Any => Ok(()),
            Rule::Allow(allowed) if allowed.iter().any(|entry| entry.admits(page)) => Ok(()),
            Rule::Allow(_) => Err(Rejection::forbidden(
                "the origin of this page is not on the list of origins that may connect",
            )),
            Rule::SameOrigin if self.own_origin(handshake).is_some_and(|own| own == *page) => {
                Ok(())
            }
            Rule::SameOrigin => Err(Rejection::forbidden(
                "the page must have the same scheme, host and port as this endpoint \
                 (behind a proxy, the endpoint must be told to trust the forwarded ones)",
            )),
        }
    }

    /// Returns the origin that pages of this endpoint's own server have, if the request names it.
    fn own_origin<'a>(&self, handshake: &'a Handshake) -> Option<Origin<'a>> {
        let scheme = match self.forwarded(handshake, "x-forwarded-proto") {
            None if handshake.is_secure() => "https",
            None => "http",
            // Some proxies forward the scheme of the WebSocket, others that of its request.
            Some(scheme) if is_either(scheme, "https", "wss") => "https",
            Some(scheme) if is_either(scheme, "http", "ws") => "http",
            Some(_) => return None,
        };
        let authority = match self.forwarded(handshake, "x-forwarded-host") {
            Some(host) => Authority::parse(host)?,
            None => handshake.named_authority()?,
        };
        Some(Origin { scheme, authority })
    }

    fn forwarded<'a>(&self, handshake: &'a Handshake, header: &str) -> Option<&'a str> {
        let value = handshake
            .headers()
            .get_bytes(header)
            .filter(|_| self.trust_forwarded)?;
        // What cannot be read must not count as absent.
        let value = str::from_utf8(value).unwrap_or_default();
        value.split(',').next().map(str::trim)
    }
}

fn is_either(scheme: &str, http: &str, websocket: &str) -> bool {
    scheme.eq_ignore_ascii_case(http) || scheme.eq_ignore_ascii_case(websocket)
}

#[cfg(test)]
mod tests;
