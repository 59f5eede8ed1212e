//! The headers of a handshake: one block of text, looked up without regard to case.

use std::fmt;

use http::HeaderMap;

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

/// The headers of a handshake, several values per name included.
///
/// Names are looked up without regard to case and listed in lower case. `Debug` shows every name,
/// but only the values that carry no credentials.
#[derive(Clone, Default)]
pub struct Headers {
    /// Names and values one after the other: a header kept as its own `HeaderValue` would pin the
    /// whole read buffer of the HTTP server for as long as the connection lives.
    text: Box<[u8]>,
    ends: Box<[Ends]>,
}

/// Where a header's name and value end in the text; it begins where the one before it ends.
#[derive(Clone, Copy)]
struct Ends {
    name: u32,
    value: u32,
}

impl Headers {
    /// Copies the headers out of `map`.
    pub(crate) fn copy_of(map: &HeaderMap) -> Self {
        let length = map
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        let mut text = Vec::with_capacity(length);
        let mut ends = Vec::with_capacity(map.len());
        for (name, value) in map {
            text.extend_from_slice(name.as_str().as_bytes());
            let name = end_of(&text);
            text.extend_from_slice(value.as_bytes());
            ends.push(Ends {
                name,
                value: end_of(&text),
            });
        }
        Self {
            text: text.into(),
            ends: ends.into(),
        }
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
        let mut start = 0;
        self.ends.iter().map(move |ends| {
            let (name_end, value_end) = (ends.name as usize, ends.value as usize);
            let name = self.text.get(start..name_end).unwrap_or_default();
            let value = self.text.get(name_end..value_end).unwrap_or_default();
            start = value_end;
            (str::from_utf8(name).unwrap_or_default(), value)
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
        self.ends.len()
    }

    /// Tells whether there is no header at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the bytes of heap that these headers hold.
    #[cfg(test)]
    pub(crate) fn heap_bytes(&self) -> usize {
        self.text.len() + size_of_val(&*self.ends)
    }
}

/// An HTTP head is thousands of times smaller than `u32::MAX`; one that is not would lose its last
/// headers here.
fn end_of(text: &[u8]) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
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
        Headers::copy_of(&map)
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
    fn no_headers_are_no_headers() {
        let headers = Headers::copy_of(&HeaderMap::new());
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
