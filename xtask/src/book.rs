//! `cargo xtask book`: the book as pages for a browser. Its snippets are compiled by `cargo test`.

use crate::failure::Outcome;
use crate::setup;
use crate::step::Step;

/// Builds into `target/book`.
pub(crate) fn build() -> Outcome {
    setup::ensure(&[setup::MDBOOK])?;
    Step::new("mdbook", &["build", "book"]).run()
}
