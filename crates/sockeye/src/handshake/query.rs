//! The query of a handshake's URL: names with their values.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;

/// How many pairs a query may have. A handshake asks for a handful; this leaves room for long
/// filter lists, and keeps the work and memory of reading one small.
const PAIRS_MAX: usize = 256;

/// The query of a handshake, percent-decoded (`+` is a space, bytes that are not UTF-8 become
/// U+FFFD).
///
/// It is read from the URL at each call and holds nothing. A query of more than 256 pairs is
/// refused as a whole: it looks empty here, and [`check`](Self::check) and [`parse`](Self::parse)
/// say so; a part of it could give another meaning than the sender's. `Debug` does not show the
/// text, which may hold tokens.
#[derive(Clone, Copy, Default)]
pub struct Query<'a> {
    sent: &'a str,
    pairs: usize,
}

impl<'a> Query<'a> {
    /// `sent` is the query as it stands in the URL, without the question mark.
    pub(crate) fn new(sent: &'a str) -> Self {
        Self {
            sent,
            pairs: sent.split('&').filter(|pair| !pair.is_empty()).count(),
        }
    }

    /// Returns the query as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.sent
    }

    /// Returns the last value of `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get_all(name).last()
    }

    /// Returns the values of `name` in the order they were sent.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
        self.iter()
            .filter(move |(found, _)| found == name)
            .map(|(_, value)| value)
    }

    /// Returns every name with its value in the order they were sent; a name without `=` has an
    /// empty value.
    pub fn iter(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> + use<'a> {
        let readable = if self.check().is_ok() { self.sent } else { "" };
        form_urlencoded::parse(readable.as_bytes())
    }

    /// Reads the whole query into `T`, a struct or a map; a name that appears several times fills a
    /// `Vec`.
    ///
    /// # Errors
    /// [`QueryError::Invalid`] when a value is missing or does not fit its field, and what
    /// [`check`](Self::check) says.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, QueryError> {
        self.check()?;
        serde_html_form::from_str(self.sent).map_err(|error| QueryError::Invalid {
            reason: error.to_string(),
        })
    }

    /// Tells whether the query is one to read.
    ///
    /// # Errors
    /// [`QueryError::TooManyPairs`] above 256 pairs.
    pub fn check(&self) -> Result<(), QueryError> {
        if self.pairs > PAIRS_MAX {
            return Err(QueryError::TooManyPairs { pairs: self.pairs });
        }
        Ok(())
    }
}

impl fmt::Debug for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("pairs", &self.pairs)
            .finish_non_exhaustive()
    }
}

/// Why a query could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// A value is missing or does not fit the field it is for.
    #[error("cannot read the query: {reason}")]
    Invalid {
        /// What was found, and what the field takes.
        reason: String,
    },
    /// The query has more pairs than are read.
    #[error(
        "the query has {pairs} pairs, at most {PAIRS_MAX} are read: \
         send long lists in a message instead"
    )]
    TooManyPairs {
        /// How many there are.
        pairs: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Filter {
        #[serde(default)]
        tag: Vec<String>,
        limit: u8,
    }

    #[test]
    fn the_last_value_counts_and_all_of_them_are_there() {
        let query = Query::new("a=1&b=x+y%26z&a=2&blank=&bare");
        assert_eq!(query.get("a").as_deref(), Some("2"));
        assert_eq!(query.get_all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(query.get("b").as_deref(), Some("x y&z"));
        assert_eq!(query.get("blank").as_deref(), Some(""));
        assert_eq!(query.get("bare").as_deref(), Some(""));
        assert_eq!(query.get("A"), None);
        assert_eq!(query.iter().count(), 5);
    }

    #[test]
    fn a_query_is_read_into_a_struct() {
        let wanted = Filter {
            tag: vec!["x".into(), "y".into()],
            limit: 5,
        };
        assert_eq!(Query::new("tag=x&limit=5&tag=y").parse(), Ok(wanted));
        assert_eq!(
            Query::new("limit=5").parse(),
            Ok(Filter {
                tag: vec![],
                limit: 5
            })
        );
    }

    #[test]
    fn what_does_not_fit_is_an_error_that_says_why() {
        let missing = Query::new("tag=x").parse::<Filter>().unwrap_err();
        assert!(missing.to_string().contains("limit"), "{missing}");
        let too_large = Query::new("limit=256").parse::<Filter>().unwrap_err();
        assert!(too_large.to_string().contains("too large"), "{too_large}");
    }

    #[test]
    fn a_query_of_too_many_pairs_is_refused_as_a_whole() {
        let full = vec!["a=1"; PAIRS_MAX].join("&");
        assert_eq!(Query::new(&full).get_all("a").count(), PAIRS_MAX);
        let overfull = format!("{full}&a=2");
        let query = Query::new(&overfull);
        assert_eq!(query.get("a"), None);
        assert_eq!(
            query.check(),
            Err(QueryError::TooManyPairs {
                pairs: PAIRS_MAX + 1
            })
        );
        assert!(query.parse::<Filter>().is_err());
    }

    #[test]
    fn debug_does_not_show_the_text() {
        let text = format!("{:?}", Query::new("canary=canary"));
        assert!(!text.contains("canary"), "{text}");
    }
}
