//! Why a browser test failed, in words.

use std::error::Error;
use std::fmt;

/// A sentence for the reader of a failed test; every standard error turns into one with `?`.
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

// The test harness prints failures with Debug; quotes and escapes would only be in the way.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
