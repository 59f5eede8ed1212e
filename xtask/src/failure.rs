//! Why a verb failed, in words for the person who ran it.

use std::fmt;
use std::io;
use std::path::Path;

/// How every verb and step ends.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// What was attempted, what was found, what to do.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn io(verb: &str, path: &Path, cause: &io::Error) -> Self {
        Self(format!("cannot {verb} {}: {cause}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
