//! Patterns as programmers write them, and what becomes of a mistake in one.

use std::fmt;

use crate::routing::Pattern;

/// What can be a route's pattern: text such as `"/chat/{room:slug}"`, or a [`Pattern`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the pattern of a route",
    label = "neither `&str` nor `Pattern`",
    note = "write it as text (\"/chat/{{room:slug}}\"), or build it with `Pattern::parse` or `Pattern::regex`"
)]
pub trait IntoPattern {
    /// The pattern.
    ///
    /// # Panics
    /// When the text is no pattern.
    #[track_caller]
    fn into_pattern(self) -> Pattern;
}

impl IntoPattern for Pattern {
    fn into_pattern(self) -> Pattern {
        self
    }
}

impl IntoPattern for &str {
    #[track_caller]
    fn into_pattern(self) -> Pattern {
        refuse_mistake(Pattern::parse(self))
    }
}

/// Routes are written by programmers: a mistake in one ends the program where it is built.
#[track_caller]
#[expect(clippy::panic, reason = "a mistake of the programmer")]
pub(crate) fn refuse_mistake<T, E: fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(mistake) => panic!("{mistake}"),
    }
}
