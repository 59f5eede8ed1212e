//! Limits: how much of a model one request may ask for.

use crate::error::{Error, ErrorKind, Result};

/// How much of a model one request may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Rows of a page where the client does not say how many.
    pub(crate) page_size: u64,
    /// Rows of a page at most.
    pub(crate) max_page_size: u64,
    /// Rows before a page at most: the database goes through all of them.
    pub(crate) max_offset: u64,
    /// Bytes of a body at most: it is in memory at once, and what was written stays there, twice, among the changes that each
    /// feed remembers.
    pub(crate) body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_size: 50,
            max_page_size: 500,
            max_offset: 100_000,
            body_bytes: 256 * 1024,
        }
    }
}

impl Limits {
    /// # Errors
    /// `Configuration` when no page could be given.
    pub(crate) fn check(&self, model: &str) -> Result<()> {
        let Self {
            page_size,
            max_page_size,
            ..
        } = self;
        if (1..=*max_page_size).contains(page_size) {
            return Ok(());
        }
        let text = format!(
            "cannot serve `{model}`: pages have {page_size} rows, expected 1 to {max_page_size}, the most that may be asked for"
        );
        Err(Error::new(ErrorKind::Configuration, text))
    }
}
