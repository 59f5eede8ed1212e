//! The headers of a handshake: one block of text, looked up without regard to case.

use std::net::SocketAddr;
use std::{fmt, iter};

use http::HeaderMap;

use crate::handshake::address;
use crate::handshake::texts::{self, Texts};

/// Headers whose values identify nobody and open nothing, so that a log may show them.
const SHOWN_IN_LOGS: [&str; 7] = [
    "connection",
    "host",
    "origin",
    "sec-websocket-extensions",
    "sec-websocket-version",
    "upgrade",
    "user-agent",
];

/// Headers that speak of the upgrade alone: let go once it is answered.
const OF_THE_UPGRADE: [&str; 5] = [
    "connection",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-version",
    "upgrade",
];

/// The headers of a handshake, several values per name included.
///
/// Names are looked up without regard to case and listed in lower case. `Debug` shows every name,
/// but only the values that carry no credentials.
#[derive(Clone, Default)]
pub struct Headers {
    /// The texts of the preface, then names and values in turn. A copy: a header kept as its own
    /// `HeaderValue` would pin the whole read buffer of the HTTP server for as long as the
    /// connection lives. One block: most of these texts are shorter than what a block costs.
    block: Box<[u8]>,
}

/// What is kept of a request beside its headers, and in the same block.
#[derive(Default)]
pub(super) struct Preface<'a> {
    /// Path and query as sent.
    pub(super) target: &'a str,
    /// The host that the request line names.
    pub(super) authority: &'a str,
    pub(super) peer: Option<SocketAddr>,
    pub(super) local: Option<SocketAddr>,
}

/// How many texts the preface is written in.
const PREFACE_TEXTS: usize = 4;

impl Headers {
    /// Copies the headers out of `map`, and the preface with them.
    pub(super) fn copy_of(map: &HeaderMap, preface: &Preface<'_>) -> Self {
        let mut block = Vec::new();
        texts::append(&mut block, preface.target.as_bytes());
        texts::append(&mut block, preface.authority.as_bytes());
        texts::append(&mut block, &address::write(preface.peer));
        texts::append(&mut block, &address::write(preface.local));
        for (name, value) in map {
            texts::append(&mut block, name.as_str().as_bytes());
            texts::append(&mut block, value.as_bytes());
        }
        Self {
            block: block.into(),
        }
    }

    /// Returns what is kept beside the headers.
    pub(super) fn preface(&self) -> Preface<'_> {
        let mut texts = Texts::of(&self.block);
        let mut next = || texts.next().unwrap_or_default();
        Preface {
            target: str::from_utf8(next()).unwrap_or_default(),
            authority: str::from_utf8(next()).unwrap_or_default(),
            peer: address::read(next()),
            local: address::read(next()),
        }
    }

    /// Lets go of the headers that nobody asks for after the upgrade.
    pub(super) fn settle(&mut self) {
        let mut block = Vec::with_capacity(self.block.len());
        for text in Texts::of(&self.block).take(PREFACE_TEXTS) {
            texts::append(&mut block, text);
        }
        for (name, value) in self.iter() {
            if !OF_THE_UPGRADE.contains(&name) {
                texts::append(&mut block, name.as_bytes());
                texts::append(&mut block, value);
            }
        }
        self.block = block.into();
    }

    /// Returns the first value of `name`, or `None` when there is none or it is not UTF-8.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_bytes(name)
            .and_then(|value| str::from_utf8(value).ok())
    }

    /// Returns the first value of `name` as it was sent.
    #[must_use]
    pub fn get_bytes(&self, name: &str) -> Option<&[u8]> {
        self.get_all_bytes(name).next()
    }

    /// Returns the values of `name` in the order they were sent, without those that are not UTF-8.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get_all_bytes(name)
            .filter_map(|value| str::from_utf8(value).ok())
    }

    /// Returns all values of `name` as they were sent, in that order.
    pub fn get_all_bytes(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.iter()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Returns every name with its value; a name with several values appears once for each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let mut texts = Texts::of(&self.block).skip(PREFACE_TEXTS);
        iter::from_fn(move || {
            let (name, value) = (texts.next()?, texts.next()?);
            Some((str::from_utf8(name).unwrap_or_default(), value))
        })
    }

    /// Returns every name once, in lower case.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let mut last = None;
        // `HeaderMap` lists the values of a name one after the other.
        self.iter()
            .map(|(name, _)| name)
            .filter(move |name| last.replace(*name) != Some(*name))
    }

    /// Returns how many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Tells whether there is no header at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Returns the bytes of heap that these headers hold.
    #[cfg(test)]
    pub(crate) fn heap_bytes(&self) -> usize {
        self.block.len()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.iter() {
            if SHOWN_IN_LOGS.contains(&name) {
                map.entry(&name, &String::from_utf8_lossy(value));
            } else {
                map.entry(&name, &format_args!("<hidden>"));
            }
        }
        map.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &[u8])]) -> Headers {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(
                HeaderName::from_static(name),
                HeaderValue::from_bytes(value).unwrap(),
            );
        }
        Headers::copy_of(&map, &Preface::default())
    }

    #[test]
    fn names_are_found_in_any_case_and_keep_all_their_values() {
        let headers = headers(&[("x-tag", b"one"), ("host", b"a.example"), ("x-tag", b"two")]);
        assert_eq!(headers.get("X-Tag"), Some("one"));
        assert_eq!(headers.get_all("x-TAG").collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(headers.get("x-other"), None);
        let mut keys: Vec<_> = headers.keys().collect();
        keys.sort_unstable();
        assert_eq!(keys, ["host", "x-tag"]);
        assert_eq!(headers.len(), 3);
    }

    #[test]
    fn a_value_that_is_not_utf8_is_there_as_bytes_only() {
        let headers = headers(&[("x-raw", b"\xff\xfe"), ("x-raw", "Zoë".as_bytes())]);
        assert_eq!(headers.get("x-raw"), None);
        assert_eq!(headers.get_bytes("x-raw"), Some(&b"\xff\xfe"[..]));
        assert_eq!(headers.get_all("x-raw").collect::<Vec<_>>(), ["Zoë"]);
        assert_eq!(headers.get_all_bytes("x-raw").count(), 2);
    }

    #[test]
    fn what_speaks_of_the_upgrade_alone_is_let_go_when_it_is_answered() {
        let mut map = HeaderMap::new();
        let names = [
            "host",
            "upgrade",
            "connection",
            "sec-websocket-key",
            "x-tag",
        ];
        for name in names {
            map.append(name, HeaderValue::from_static("value"));
        }
        let preface = Preface {
            target: "/room?x=1",
            authority: "a.example",
            peer: Some("192.0.2.7:50000".parse().unwrap()),
            local: None,
        };
        let mut headers = Headers::copy_of(&map, &preface);
        assert!(names.iter().all(|name| headers.get(name) == Some("value")));
        headers.settle();
        let mut left: Vec<_> = headers.iter().map(|(name, _)| name).collect();
        left.sort_unstable();
        assert_eq!(left, ["host", "x-tag"]);
        let kept = headers.preface();
        assert_eq!((kept.target, kept.authority), ("/room?x=1", "a.example"));
        assert_eq!((kept.peer, kept.local), (preface.peer, None));
    }

    #[test]
    fn no_headers_are_no_headers() {
        let headers = Headers::default();
        assert!(headers.is_empty());
        assert_eq!(headers.keys().count(), 0);
        assert_eq!(headers.get(""), None);
    }

    #[test]
    fn debug_shows_names_and_hides_what_could_be_a_credential() {
        let headers = headers(&[
            ("host", b"a.example"),
            ("x-api-key", b"canary"),
            ("cookie", b"sid=canary"),
        ]);
        let text = format!("{headers:?}");
        assert!(
            text.contains("a.example") && text.contains("x-api-key") && text.contains("cookie"),
            "{text}"
        );
        assert!(!text.contains("canary"), "{text}");
    }
}
