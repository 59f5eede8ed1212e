//! Why a program of the benchmark failed, in words for the person who ran it.

use std::error::Error;
use std::fmt;

/// How everything here ends.
pub type Outcome<T = ()> = Result<T, Failure>;

/// What was attempted, what was found, what to do.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure told by `text`: one line, lowercase, no period.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Turns any error into a failure that says what was attempted.
    pub fn of<E: fmt::Display>(attempt: impl fmt::Display) -> impl FnOnce(E) -> Self {
        move |cause| Self(format!("cannot {attempt}: {cause}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for Failure {}
