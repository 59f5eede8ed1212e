//! The cookies of a handshake.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;

use crate::handshake::Headers;

/// The cookies of a handshake, over all its `Cookie` headers; read at each call, it holds nothing.
///
/// Values are percent-decoded where that gives UTF-8, and lose the quotes around them. Names are
/// taken exactly as sent, and only spaces and tabs are cut off around them: browsers guard the
/// prefixes `__Host-` and `__Secure-` in exactly that form, so that decoding a name, or cutting off
/// other white space, would let a neighbouring site forge one (CVE-2022-36032 is such a case). For
/// the same reason RFC 6265 is followed here by hand. `Debug` shows nothing.
#[derive(Clone, Copy)]
pub struct Cookies<'a> {
    headers: &'a Headers,
}

impl<'a> Cookies<'a> {
    pub(crate) fn new(headers: &'a Headers) -> Self {
        Self { headers }
    }

    /// Returns the value of `name`, names being case-sensitive; of several the last one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.raw()
            .filter(|(found, _)| *found == name)
            .last()
            .map(|(_, value)| decoded(value))
    }

    /// Returns every name with its value, in the order they were sent.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a> {
        self.raw().map(|(name, value)| (name, decoded(value)))
    }

    fn raw(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let pairs = self
            .headers
            .get_all("cookie")
            .flat_map(|header| header.split(';'));
        pairs.filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let (name, value) = (
                name.trim_matches([' ', '\t']),
                value.trim_matches([' ', '\t']),
            );
            (!name.is_empty()).then_some((name, value))
        })
    }
}

fn decoded(value: &str) -> Cow<'_, str> {
    let bare = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value);
    percent_decode_str(bare)
        .decode_utf8()
        .unwrap_or(Cow::Borrowed(bare))
}

impl fmt::Debug for Cookies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookies").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::headers::Preface;
    use http::{HeaderMap, HeaderValue, header::COOKIE};

    fn cookies(lines: &[&str]) -> Vec<(String, String)> {
        let mut map = HeaderMap::new();
        for line in lines {
            map.append(COOKIE, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        let headers = Headers::copy_of(&map, &Preface::default());
        Cookies::new(&headers)
            .iter()
            .map(|(name, value)| (name.to_owned(), value.into_owned()))
            .collect()
    }

    #[test]
    fn cookies_of_all_headers_are_read() {
        let rows = [
            ("a=1; b=2", "a:1 b:2"),
            ("a=\"quoted\"", "a:quoted"),
            ("a=\"", "a:\""),
            ("a=%7B%22x%22%3A1%7D", "a:{\"x\":1}"),
            ("a=%ff", "a:%ff"),
            ("a=b=c; ; novalue; =noname; d=", "a:b=c d:"),
            ("\ta =\t1 ", "a:1"),
            ("", ""),
        ];
        for (line, wanted) in rows {
            let found = cookies(&[line]);
            let found: Vec<_> = found
                .iter()
                .map(|(name, value)| format!("{name}:{value}"))
                .collect();
            assert_eq!(found.join(" "), wanted, "{line:?}");
        }
        assert_eq!(cookies(&["a=1", "b=2; c=3"]).len(), 3);
    }

    #[test]
    fn later_duplicates_win() {
        let mut map = HeaderMap::new();
        map.append(COOKIE, HeaderValue::from_static("a=1; A=x; a=2"));
        map.append(COOKIE, HeaderValue::from_static("a=3"));
        let headers = Headers::copy_of(&map, &Preface::default());
        assert_eq!(Cookies::new(&headers).get("a").as_deref(), Some("3"));
        assert_eq!(Cookies::new(&headers).get("A").as_deref(), Some("x"));
        assert_eq!(Cookies::new(&headers).get("b"), None);
    }

    #[test]
    fn nothing_turns_into_a_guarded_name() {
        for forged in [
            "__%48ost-sid=1",
            "\u{2000}__Host-sid=1",
            "\u{a0}__Host-sid=1",
            "__host-sid=1",
        ] {
            assert!(
                cookies(&[forged])
                    .iter()
                    .all(|(name, _)| name != "__Host-sid"),
                "{forged:?}"
            );
        }
        assert_eq!(
            cookies(&["__Host-sid=1"]),
            [("__Host-sid".to_owned(), "1".to_owned())]
        );
    }

    #[test]
    fn debug_shows_no_value() {
        let mut map = HeaderMap::new();
        map.append(COOKIE, HeaderValue::from_static("sid=canary"));
        assert!(
            !format!(
                "{:?}",
                Cookies::new(&Headers::copy_of(&map, &Preface::default()))
            )
            .contains("canary")
        );
    }
}
