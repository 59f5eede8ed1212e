//! `cargo xtask fuzz`: the targets in fuzz/, for a time or a number of runs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::failure::{Failure, Outcome};
use crate::lanes;
use crate::setup;
use crate::step::Step;

/// What one target gets when nothing else is said, and in the smoke run of `ci`.
const DEFAULT_SECONDS: u64 = 60;
const SMOKE_SECONDS: u64 = 10;

/// Targets at once in the smoke run: each has a core of its own on the smallest machine that this runs on.
const SMOKE_LANES: usize = 2;

/// One input that takes longer is a finding: every parser here is linear.
const INPUT_TIMEOUT: &str = "-timeout=10";

/// A line for each new input, or none: thousands of them would bury the rest of `ci`.
const PROGRESS: &str = "-verbosity=1";
const QUIET: &str = "-verbosity=0";

/// Building with the sanitizer, beyond the time of fuzzing itself.
const OVERHEAD: Duration = Duration::from_secs(15 * 60);

/// Which target (none: all of them), and until when.
#[derive(Debug, PartialEq)]
struct Plan {
    target: Option<String>,
    bound: Bound,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    Seconds(u64),
    Runs(u64),
}

pub(crate) fn run(words: &[&str]) -> Outcome {
    let plan = Plan::parse(words)?;
    prepare()?;
    let targets = match plan.target {
        Some(target) => vec![target],
        None => targets()?,
    };
    targets
        .iter()
        .try_for_each(|target| explore(target, plan.bound, PROGRESS)?.run())
}

/// Replays the corpus of every target, then lets each look for something new for a short time.
pub(crate) fn smoke() -> Outcome {
    prepare()?;
    // All targets at once, while there is more than one thing to compile.
    let build = Step::cargo(&["+nightly", "fuzz", "build"]);
    build.within(OVERHEAD).run()?;
    let targets = targets()?;
    for target in &targets {
        let seeds = seeds(target)?;
        fuzz(target, &[&seeds, "--", "-runs=0", QUIET], OVERHEAD).run()?;
    }
    let bound = Bound::Seconds(SMOKE_SECONDS);
    let explorations = targets
        .iter()
        .map(|target| Ok((format!("fuzz {target}"), explore(target, bound, QUIET)?)));
    lanes::run(SMOKE_LANES, explorations.collect::<Outcome<_>>()?)
}

impl Plan {
    fn parse(words: &[&str]) -> Outcome<Self> {
        let number = |word: &str| {
            let number = word.parse::<u64>().ok().filter(|number| *number > 0);
            number.ok_or_else(|| Failure::new(format!("`{word}` is not a number above 0")))
        };
        let is_number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
        let (target, bound) = match words {
            [target, bound @ ..] if !is_number(target) && !target.starts_with('-') => {
                (Some((*target).to_owned()), bound)
            }
            bound => (None, bound),
        };
        let bound = match bound {
            [] => Bound::Seconds(DEFAULT_SECONDS),
            ["--runs", runs] => Bound::Runs(number(runs)?),
            [seconds] => Bound::Seconds(number(seconds)?),
            _ => {
                let words = words.join(" ");
                return Err(Failure::new(format!(
                    "cannot read `fuzz {words}`; write `fuzz [target] [seconds | --runs N]`"
                )));
            }
        };
        Ok(Self { target, bound })
    }
}

fn prepare() -> Outcome {
    if !Step::cargo(&["+nightly", "--version"]).succeeds() {
        return Err(Failure::new(
            "fuzzing needs the nightly toolchain, and there is none; \
             run `rustup toolchain install nightly --profile minimal`, then this again",
        ));
    }
    setup::ensure(&[setup::CARGO_FUZZ])
}

fn targets() -> Outcome<Vec<String>> {
    let list = Step::cargo(&["+nightly", "fuzz", "list"]).output()?;
    let targets: Vec<String> = list.split_whitespace().map(str::to_owned).collect();
    if targets.is_empty() {
        return Err(Failure::new("fuzz/Cargo.toml lists no targets"));
    }
    Ok(targets)
}

/// The checked-in corpus. It is only read: what a run finds goes to a folder beside it.
fn seeds(target: &str) -> Outcome<String> {
    let seeds = format!("fuzz/corpus/{target}");
    if fs::read_dir(&seeds).is_ok_and(|mut files| files.next().is_some()) {
        return Ok(seeds);
    }
    Err(Failure::new(format!(
        "{seeds} holds no inputs; check in a few that reach each branch of the parser"
    )))
}

fn explore(target: &str, bound: Bound, report: &str) -> Outcome<Step> {
    let seeds = seeds(target)?;
    let found = format!("target/fuzz-corpus/{target}");
    fs::create_dir_all(&found).map_err(|cause| Failure::io("create", Path::new(&found), &cause))?;
    let (until, limit) = match bound {
        Bound::Seconds(seconds) => (
            format!("-max_total_time={seconds}"),
            OVERHEAD + Duration::from_secs(seconds),
        ),
        // A day: ten million runs of the slowest target take a few hours.
        Bound::Runs(runs) => (format!("-runs={runs}"), Duration::from_secs(24 * 60 * 60)),
    };
    Ok(fuzz(target, &[&found, &seeds, "--", &until, report], limit))
}

fn fuzz(target: &str, arguments: &[&str], limit: Duration) -> Step {
    let always = [INPUT_TIMEOUT, "-print_final_stats=1"];
    Step::cargo(&[&["+nightly", "fuzz", "run", target], arguments, &always].concat()).within(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(target: Option<&str>, bound: Bound) -> Plan {
        let target = target.map(str::to_owned);
        Plan { target, bound }
    }

    #[test]
    fn a_plan_names_a_target_and_a_bound_or_neither() {
        let table: [(&[&str], Plan); 5] = [
            (&[], plan(None, Bound::Seconds(60))),
            (&["5"], plan(None, Bound::Seconds(5))),
            (&["frame"], plan(Some("frame"), Bound::Seconds(60))),
            (&["frame", "5"], plan(Some("frame"), Bound::Seconds(5))),
            (
                &["frame", "--runs", "9"],
                plan(Some("frame"), Bound::Runs(9)),
            ),
        ];
        for (words, expected) in table {
            assert_eq!(Plan::parse(words).unwrap(), expected);
        }
    }

    #[test]
    fn a_plan_without_sense_is_refused() {
        let table: [&[&str]; 5] = [
            &["--runs"],
            &["frame", "x"],
            &["frame", "0"],
            &["5", "6"],
            &["a", "1", "2"],
        ];
        for words in table {
            assert!(Plan::parse(words).is_err(), "{words:?}");
        }
    }
}
