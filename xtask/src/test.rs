//! `cargo xtask test`: everything but Autobahn, on a machine that had nothing but Rust.

use crate::failure::Outcome;
use crate::setup;
use crate::step::Step;
use crate::tidy;

/// Tidy comes first: it takes no time, and the last lines on the screen are then those of the tests.
pub(crate) fn run(filter: Option<&str>) -> Outcome {
    setup::ensure(&setup::BROWSER)?;
    tidy::run()?;
    Step::cargo(&["build", "--workspace", "--all-targets", "--all-features"]).run()?;
    let test = ["test", "--workspace", "--all-features"];
    Step::cargo(&[&test, filter.as_slice()].concat()).run()
}
