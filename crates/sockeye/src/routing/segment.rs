//! One segment of a route pattern: a fixed text, or a parameter of some kind.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What a path parameter takes. Kinds are ordered from the narrowest to the widest; of several that
/// take a text, the narrowest wins. They look at the percent-decoded text.
///
/// The segments `.` and `..` are taken by none: clients resolve them before they ask, so whoever
/// sends one is trying to leave a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SegmentKind {
    /// `uuid`: the hyphenated form of RFC 9562 in any case; the parameter's text is in lower case.
    Uuid,
    /// `date`: `YYYY-MM-DD`, a day of the Gregorian calendar in the years 0001 to 9999.
    Date,
    /// `int`: decimal digits without a sign, at most `u64::MAX`. Leading zeros are kept.
    Int,
    /// `decimal`: decimal digits without a sign, with or without a fraction (`7`, `7.50`).
    Decimal,
    /// `slug`: ASCII letters, digits, `-` and `_`.
    Slug,
    /// `str`, or no kind at all: any text; at least one character. A slash can be in it when it was
    /// sent encoded.
    Str,
    /// `path`, also written `any`: the rest of the path with its slashes, at least one character.
    /// An encoded slash looks like any other here.
    Path,
}

impl SegmentKind {
    /// The kinds by the names that patterns use.
    const NAMES: [(&str, Self); 8] = [
        ("str", Self::Str),
        ("int", Self::Int),
        ("slug", Self::Slug),
        ("uuid", Self::Uuid),
        ("decimal", Self::Decimal),
        ("date", Self::Date),
        ("path", Self::Path),
        ("any", Self::Path),
    ];

    /// Returns the kind that a pattern calls `name`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, kind)| *kind)
    }

    /// Returns the names that a pattern can use, as a sentence has them.
    pub(crate) fn known_names() -> String {
        Self::NAMES.map(|(name, _)| name).join(", ")
    }

    /// Returns the name that patterns use.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }

    /// Tells whether a parameter of this kind takes `text`, which is percent-decoded.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Uuid => is_uuid(text),
            Self::Date => is_date(text),
            Self::Int => is_digits(text) && text.parse::<u64>().is_ok(),
            Self::Decimal => is_decimal(text),
            Self::Slug => !text.is_empty() && text.bytes().all(is_slug_byte),
            Self::Str => !text.is_empty() && !is_dots(text),
            Self::Path => !text.is_empty() && !text.split('/').any(is_dots),
        }
    }

    /// Gives an accepted text the one form in which handlers see it.
    pub(crate) fn settle(self, text: Cow<'_, str>) -> Box<str> {
        match self {
            // Two spellings of one id must not become two groups.
            Self::Uuid => text.to_ascii_lowercase().into(),
            _ => text.into(),
        }
    }
}

impl fmt::Display for SegmentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Tells whether a segment means this folder or the one above it.
pub(crate) fn is_dots(segment: &str) -> bool {
    segment == "." || segment == ".."
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_decimal(text: &str) -> bool {
    match text.split_once('.') {
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => is_digits(text),
    }
}

fn is_slug_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(position, byte)| match position {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
}

fn is_date(text: &str) -> bool {
    let number = |part: &str, length: usize| -> Option<u16> {
        (part.len() == length && is_digits(part)).then(|| part.parse().ok())?
    };
    let mut parts = text.splitn(3, '-');
    let mut next = |length| parts.next().and_then(|part| number(part, length));
    let (Some(year), Some(month), Some(day)) = (next(4), next(2), next(2)) else {
        return false;
    };
    year > 0 && (1..=days_of(year, month)).contains(&day)
}

/// Returns how many days a month has; none when there is no such month.
fn days_of(year: u16, month: u16) -> u16 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// One segment of a route pattern.
#[derive(Clone, Debug)]
pub(crate) enum Segment {
    /// A text that must be there, percent-decoded.
    Literal(Box<str>),
    /// A text that becomes a parameter.
    Parameter {
        /// Shared with every handshake that matches.
        name: Arc<str>,
        kind: SegmentKind,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_takes_its_texts_and_no_others() {
        // The texts are separated by bars; before `<>` they are taken, after it they are not.
        let rows = [
            "uuid: 67e55044-10b1-426f-9247-bb680e5fe0c8|67E55044-10B1-426F-9247-BB680E5FE0C8 <> \
                |67e5504410b1426f9247bb680e5fe0c8|{67e55044-10b1-426f-9247-bb680e5fe0c8}\
                |67e55044-10b1-426f-9247-bb680e5fe0cg|67e5504-410b1-426f-9247-bb680e5fe0c8\
                |67e55044-10b1-426f-9247-bb680e5fe0c8 |é7e55044-10b1-426f-9247-bb680e5fe0c",
            "date: 2024-02-29|2000-02-29|0001-01-01|9999-12-31|2025-04-30 <> \
                |2023-02-29|1900-02-29|0000-01-01|2025-04-31|2025-13-01|2025-00-10|2025-01-00\
                |2025-1-1|20250101|+025-01-01|2025-01-01-|2025-01-01T00:00|02025-01-01\
                |２０２５-01-01|2025/01/01|2025-01",
            "int: 0|007|18446744073709551615 <> |-1|+1|1.0|1e3| 1|18446744073709551616|٣",
            "decimal: 0|7.50|00.0|99999999999999999999999 <> |.|1.|.5|-1.0|1.2.3|1e3|+1|1,5",
            "slug: a|Room_1-b|- <> |a b|a.b|é|a/b",
            "str: a|a b|a/b|é|...|.a <> |.|..",
            "path: a|a/b|/|a//b/|a/.../b <> |.|..|a/../b|../a|a/.",
        ];
        for row in rows {
            let (name, texts) = row.split_once(": ").unwrap();
            let (taken, refused) = texts.split_once(" <> ").unwrap();
            let kind = SegmentKind::named(name).unwrap();
            assert_eq!(kind.name(), name);
            for text in taken.split('|') {
                assert!(kind.accepts(text), "{kind} takes {text:?}");
            }
            for text in refused.split('|') {
                assert!(!kind.accepts(text), "{kind} does not take {text:?}");
            }
        }
    }

    #[test]
    fn the_calendar_has_its_146_097_days_in_400_years() {
        let days: u32 = (2000..2400)
            .flat_map(|year| (0..=13).map(move |month| (year, month)))
            .map(|(year, month)| u32::from(days_of(year, month)))
            .sum();
        assert_eq!(days, 146_097);
    }

    #[test]
    fn one_uuid_has_one_text() {
        let text = SegmentKind::Uuid.settle("67E55044-10B1-426F-9247-BB680E5FE0C8".into());
        assert_eq!(&*text, "67e55044-10b1-426f-9247-bb680e5fe0c8");
        assert_eq!(&*SegmentKind::Str.settle("ABC".into()), "ABC");
    }
}
