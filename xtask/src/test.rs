//! `cargo xtask test`: everything but Autobahn, on a machine that had nothing but Rust.

use crate::failure::Outcome;
use crate::setup;
use crate::step::Step;
use crate::tidy;

/// What goes over sockets, which is tested over both sources of readiness: watched by the shards, and by the runtime.
const OVER_SOCKETS: [&str; 7] = [
    "test",
    "--all-features",
    "--package=sockeye",
    "--package=conformance",
    "--package=chat",
    "--test=it",
    "--test=browser",
];

/// Tidy comes first: it takes no time, and the last lines on the screen are then those of the tests.
pub(crate) fn run(filter: Option<&str>) -> Outcome {
    setup::ensure(&setup::BROWSER)?;
    setup::ensure(&setup::BROKERS)?;
    tidy::run()?;
    Step::cargo(&["build", "--workspace", "--all-targets", "--all-features"]).run()?;
    let filter = filter.as_slice();
    let all = ["test", "--workspace", "--all-features"];
    Step::cargo(&[&all, filter].concat()).run()?;
    Step::cargo(&[&OVER_SOCKETS, filter].concat())
        .env("SOCKEYE_WATCH_SOCKETS", "0")
        .run()
}
