//! Span: a duration as settings write it, `"10s"`, `"1m 30s"`, or a number of seconds.

use std::fmt;
use std::time::Duration;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// For `#[serde(with = "span")]`.
pub(crate) fn serialize<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    Span(*span).serialize(serializer)
}

/// For `#[serde(with = "span")]`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Duration, D::Error> {
    Span::deserialize(deserializer).map(|Span(span)| span)
}

/// A duration, or `"off"`.
pub(crate) mod or_off {
    use std::time::Duration;

    use serde::{Deserializer, Serializer};

    use crate::config::off;
    use crate::config::span::Span;

    /// For `#[serde(with = "span::or_off")]`.
    pub(crate) fn serialize<S: Serializer>(
        span: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        off::serialize(&span.map(Span), serializer)
    }

    /// For `#[serde(with = "span::or_off")]`.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let span: Option<Span> = off::deserialize(deserializer)?;
        Ok(span.map(|Span(span)| span))
    }
}

pub(crate) struct Span(Duration);

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&humantime::format_duration(self.0))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"10s\", \"250ms\" or a number of seconds")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
        match text.parse() {
            Ok(seconds) => self.visit_f64(seconds),
            Err(_) => humantime::parse_duration(text).map_err(|error| {
                E::custom(format_args!(
                    "found {text:?}, expected a duration such as \"10s\": {error}"
                ))
            }),
        }
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Duration, E> {
        Ok(Duration::from_secs(seconds))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Duration, E> {
        let seconds = u64::try_from(seconds);
        let seconds = seconds.map_err(|_| E::custom("a duration cannot be negative"))?;
        self.visit_u64(seconds)
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Duration, E> {
        Duration::try_from_secs_f64(seconds).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_texts_or_seconds() {
        let read = |json: &str| serde_json::from_str::<Span>(json).map(|Span(span)| span);
        let same = [
            r#""1m 30s""#,
            r#""90s""#,
            r#""90""#,
            "90",
            "90.0",
            r#""90000ms""#,
        ];
        for json in same {
            assert_eq!(read(json).unwrap(), Duration::from_secs(90), "{json}");
        }
        assert_eq!(read("0.25").unwrap(), Duration::from_millis(250));
        for json in [
            "-1",
            "-0.5",
            "1e300",
            r#""soon""#,
            r#""5 parsecs""#,
            "true",
            "[]",
            r#""NaN""#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
