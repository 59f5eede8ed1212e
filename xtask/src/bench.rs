//! `cargo xtask bench`: our server beside its peers.

use std::time::Duration;

use crate::failure::Outcome;
use crate::step::Step;

/// All scenarios with all peers, some repetitions, everything built before.
const LIMIT: Duration = Duration::from_secs(4 * 60 * 60);

pub(crate) fn run(options: &[&str]) -> Outcome {
    let program = ["run", "--release", "--package", "bench", "--"];
    Step::cargo(&[&program, options].concat())
        .within(LIMIT)
        .run()
}
