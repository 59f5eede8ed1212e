//! The error of a pattern that cannot be read: the place of the mistake and the way to mend it.

use crate::routing::segment::SegmentKind;
use crate::routing::{PATH_BYTES_MAX, SEGMENTS_MAX};

/// Why a text is no route pattern.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("cannot read the route pattern `{pattern}` at column {column}: {fault}")]
pub struct PatternError {
    pattern: String,
    column: usize,
    fault: Fault,
}

impl PatternError {
    /// Returns the pattern that could not be read.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Returns the column of the mistake, in characters from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// Says that routes cannot be put below a regular expression.
    pub(super) fn regex_above(source: &str) -> Self {
        Self::at(source, 0, Fault::RegexAbove)
    }

    pub(super) fn at(pattern: &str, offset: usize, fault: Fault) -> Self {
        let column = pattern.get(..offset).unwrap_or(pattern).chars().count() + 1;
        Self {
            pattern: pattern.to_owned(),
            column,
            fault,
        }
    }
}

/// What is wrong with a pattern, and the way to mend it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum Fault {
    #[error("it is empty; the root is written `/`")]
    Empty,
    #[error("it must begin with a slash")]
    NoLeadingSlash,
    #[error("a segment is empty; remove one of the two slashes")]
    EmptySegment,
    #[error("it has more than {SEGMENTS_MAX} segments, and longer paths match nothing")]
    TooManySegments,
    #[error("it is longer than {PATH_BYTES_MAX} bytes, and longer paths match nothing")]
    TooLong,
    #[error("clients resolve `.` and `..` before they ask; write the path without them")]
    Dots,
    #[error("`{0}` is not part of a path; leave it out, handlers read the query themselves")]
    NotOfPath(char),
    #[error("patterns are written decoded; replace `{0}` by its character")]
    Encoded(String),
    #[error("the brace is not closed; write `{{name}}` or `{{name:kind}}`, or `{{{{` for a brace")]
    Unclosed,
    #[error("the brace closes nothing; write `}}}}` for a brace")]
    Unopened,
    #[error(
        "a parameter fills a whole segment; remove the text beside it, or use a regular expression"
    )]
    PartOfSegment,
    #[error("`{0}` is no parameter name; use ASCII letters, digits and `_`, no digit first")]
    BadName(String),
    #[error(
        "`{0}` is no kind of parameter; the kinds are {names}",
        names = SegmentKind::known_names()
    )]
    UnknownKind(String),
    #[error("there is another parameter `{0}`; give one of the two a different name")]
    DuplicateParameter(String),
    #[error(
        "a parameter of kind `path` takes the rest and must come last; use `str` for one segment"
    )]
    RestNotLast,
    #[error("{0}")]
    Regex(regex::Error),
    #[error("routes cannot be put below a regular expression; use a plain pattern as the prefix")]
    RegexAbove,
}
