//! The pattern of a route: which paths it takes, and how a path is made from it.

mod error;
mod parse;
mod reverse;

use std::fmt;
use std::sync::Arc;

use regex::Regex;

pub use crate::routing::pattern::error::PatternError;
pub use crate::routing::pattern::reverse::UrlError;
use crate::routing::segment::{Segment, SegmentKind};

/// The pattern of a route, such as `/chat/{room:slug}`.
///
/// A pattern is written as plain text, not percent-encoded, and begins with a slash. Each segment
/// is a fixed text or one parameter, `{name}` or `{name:kind}` (see [`SegmentKind`]); `{{` and `}}`
/// stand for the braces themselves. A slash at the end counts: `/chat` and `/chat/` are two paths.
#[derive(Clone)]
pub struct Pattern {
    text: Box<str>,
    segments: Box<[Segment]>,
    /// What the rest of the path must match, for a route by regular expression.
    tail: Option<Box<Tail>>,
}

/// A regular expression over what the segments before it leave of a path.
#[derive(Clone)]
pub(crate) struct Tail {
    pub(crate) source: Box<str>,
    pub(crate) regex: Regex,
    /// The named groups, which become parameters.
    pub(crate) names: Box<[Arc<str>]>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`PatternError`] with the place of the mistake and the way to mend it.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let segments = parse::segments(text)?;
        Ok(Self {
            text: text.into(),
            segments,
            tail: None,
        })
    }

    /// Makes a pattern from a regular expression over the whole path; each named group
    /// `(?P<name>...)` that takes part in a match becomes a parameter.
    ///
    /// It always has to match from the first slash to the end, with or without `^` and `$`. It sees
    /// the percent-decoded path; one with an encoded slash matches no regular expression, since the
    /// text could not tell it from a real one. Such a pattern cannot be turned back into a URL: a
    /// regular expression does not say which texts its groups take.
    ///
    /// # Errors
    /// [`PatternError`] when the expression cannot be read.
    pub fn regex(source: &str) -> Result<Self, PatternError> {
        let tail = parse::tail(source)?;
        Ok(Self {
            text: source.into(),
            segments: Box::default(),
            tail: Some(Box::new(tail)),
        })
    }

    /// Returns this pattern below `prefix`.
    ///
    /// The pattern `/` stands for the prefix itself: below `/chat` it is `/chat`, below `/chat/` it
    /// is `/chat/`. Everything else follows after one slash; a regular expression sees that slash
    /// and what comes after it.
    ///
    /// # Errors
    /// [`PatternError`] when the two have a parameter in common, when the prefix takes the rest of
    /// the path, or when it is a regular expression.
    pub fn below(&self, prefix: &Self) -> Result<Self, PatternError> {
        if prefix.tail.is_some() {
            return Err(PatternError::regex_above(&prefix.text));
        }
        let folder = prefix.text.strip_suffix('/').unwrap_or(&prefix.text);
        let Some(tail) = &self.tail else {
            let joined = match &*self.text {
                "/" => prefix.text.to_string(),
                text => format!("{folder}{text}"),
            };
            return Self::parse(&joined);
        };
        // The prefixes that this one is already below come after the new one.
        let own = self.text.strip_suffix(&*tail.source).unwrap_or_default();
        let above = format!("{folder}{own}");
        let segments = if above.is_empty() {
            Box::default()
        } else {
            parse::segments(&above)?
        };
        parse::check_tail(&above, &segments, tail)?;
        let text = format!("{above}{}", tail.source);
        Ok(Self {
            text: text.into(),
            segments,
            tail: Some(tail.clone()),
        })
    }

    /// Returns the pattern as it was written, after the prefixes that it is below.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the parameters in the order of the path; the groups of a regular expression count as
    /// `str`.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, SegmentKind)> {
        let of_segments = self.segments.iter().filter_map(|segment| match segment {
            Segment::Parameter { name, kind } => Some((&**name, *kind)),
            Segment::Literal(_) => None,
        });
        let groups = self.tail.iter().flat_map(|tail| &tail.names);
        of_segments.chain(groups.map(|name| (&**name, SegmentKind::Str)))
    }

    /// Returns the segments before the regular expression, or all of them.
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Returns the regular expression over the rest of the path.
    pub(crate) fn tail(&self) -> Option<&Tail> {
        self.tail.as_deref()
    }

    /// Tells whether the two take exactly the same paths, whatever their parameters are called.
    pub(crate) fn has_shape_of(&self, other: &Self) -> bool {
        let sources = [self, other].map(|pattern| pattern.tail().map(|tail| &*tail.source));
        let pairs = || self.segments.iter().zip(&other.segments);
        sources[0] == sources[1]
            && self.segments.len() == other.segments.len()
            && pairs().all(|pair| match pair {
                (Segment::Literal(one), Segment::Literal(two)) => one == two,
                (Segment::Parameter { kind: one, .. }, Segment::Parameter { kind: two, .. }) => {
                    one == two
                }
                _ => false,
            })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

#[cfg(test)]
mod tests;
