//! `cargo xtask test`: everything but Autobahn, on a machine that had nothing but Rust.

mod program;

use crate::failure::Outcome;
use crate::lanes;
use crate::schemathesis;
use crate::setup;
use crate::step::Step;
use crate::test::program::{Program, Readiness};
use crate::tidy;

/// Everything is built once, with the features that the whole workspace asks for.
const ALL: [&str; 3] = ["test", "--workspace", "--all-features"];

/// What goes over sockets, which is tested over both sources of readiness.
const OVER_SOCKETS: [(&str, &str); 3] = [
    ("sockeye", "it"),
    ("conformance", "it"),
    ("chat", "browser"),
];

/// What takes long, by package and target, the longest first, so that the others fill up the end. Most of it waits: for
/// leases to run out, for brokers to come back, for a minute of storm to pass.
const LONG: [(&str, &str); 11] = [
    ("sockeye", "ui"),
    ("sockeye-live", "it"),
    ("sockeye-redis", "it"),
    ("cluster", "it"),
    ("sockeye-nats", "it"),
    ("sockeye", "it"),
    ("conformance", "it"),
    ("inventory", "kills"),
    ("cluster", "browser"),
    ("inventory", "browser"),
    ("chat", "browser"),
];

/// Programs at once: enough that those which wait hold up nobody, few enough that none starves on two cores.
const LANES: usize = 2;

/// Tidy comes first: it takes no time.
pub(crate) fn run(filter: Option<&str>) -> Outcome {
    setup::ensure(&setup::BROWSER)?;
    setup::ensure(&setup::BROKERS)?;
    setup::ensure(&setup::DATABASES)?;
    schemathesis::ensure()?;
    tidy::run()?;
    let filter = filter.as_slice();
    let mut programs = build()?;
    programs.sort_by_key(|program| place(program.name()));
    let once = programs
        .iter()
        .map(|program| program.run(Readiness::OfShards, filter));
    // Behind all others: nothing runs beside itself, and takes the same things twice.
    let again = programs
        .iter()
        .filter(|program| OVER_SOCKETS.contains(&program.name()))
        .map(|program| program.run(Readiness::OfRuntime, filter));
    lanes::run(LANES, once.chain(again).collect())?;
    Step::cargo(&[&ALL[..], &["--doc"], filter].concat()).run()
}

/// Builds all programs of tests.
fn build() -> Outcome<Vec<Program>> {
    let quietly = ["--no-run", "--message-format=json-render-diagnostics"];
    let build = Step::cargo(&[&ALL[..], &quietly].concat());
    println!("\n$ {}", build.shown());
    program::built(&build.output()?)
}

/// When a program's turn is.
fn place(name: (&str, &str)) -> usize {
    let place = LONG.iter().position(|long| *long == name);
    place.unwrap_or(LONG.len())
}
