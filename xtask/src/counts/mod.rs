//! `cargo xtask counts`: the instructions of the hot paths, held against those that are checked in.

mod baseline;
mod surroundings;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::counts::baseline::Baseline;
use crate::failure::{Failure, Outcome};
use crate::setup;
use crate::step::Step;

/// Instructions by the name of what was counted.
type Counts = BTreeMap<String, u64>;

/// More than this is a regression, as much less is a gain to keep. Counts do not waver: the same program on the same
/// input takes the same instructions, so this is room for small trades and not for noise.
const PERCENT_MAX: u64 = 2;

const KEEP_HERE: &str = "run `cargo xtask counts --keep` and check bench/counts.json in";
const KEEP: &str =
    "when that is meant, run `cargo xtask counts --keep` and check bench/counts.json in";

/// Counts, and fails when a path takes more than it did. Where compiler or machine are others than those of the baseline,
/// the counts are as well: then it only tells them.
pub(crate) fn check() -> Outcome {
    let (now, before) = (count()?, Baseline::read()?);
    print(&now.counts, &before.counts);
    if now.made_with != before.made_with {
        let (here, there) = (&now.made_with, &before.made_with);
        println!(
            "\nWARNING: INSTRUCTION COUNTS NOT CHECKED, for they depend on what this is:\n  {here}"
        );
        println!("The baseline is of\n  {there}\nTo hold them here, {KEEP_HERE}");
        return Ok(());
    }
    let faults = faults(&now.counts, &before.counts);
    if faults.is_empty() {
        println!(
            "counts: {} hot paths within {PERCENT_MAX} %",
            now.counts.len()
        );
        return Ok(());
    }
    Err(Failure::new(format!("{}\n  {KEEP}", faults.join("\n  "))))
}

/// Counts, and makes that the baseline.
pub(crate) fn keep() -> Outcome {
    let now = count()?;
    let before = Baseline::read().map(|before| before.counts);
    print(&now.counts, &before.unwrap_or_default());
    now.write()
}

fn count() -> Outcome<Baseline> {
    setup::ensure(&setup::COUNTING)?;
    let made_with = surroundings::told()?;
    println!("\n$ cargo bench --package bench --bench hot_paths");
    let bench = [
        "bench",
        "--quiet",
        "--package",
        "bench",
        "--bench",
        "hot_paths",
        "--",
    ];
    // Without its model of caches, valgrind takes half the time.
    let options = ["--output-format=json", "--callgrind-args=--cache-sim=no"];
    let printed = Step::cargo(&[&bench[..], &options].concat()).output()?;
    let counts = read(&printed)?;
    Ok(Baseline { made_with, counts })
}

/// What the counting library prints: a line of JSON for each count.
fn read(printed: &str) -> Outcome<Counts> {
    let lines = printed.lines().filter(|line| line.starts_with('{'));
    let counts = lines.map(|line| named(line).ok_or_else(|| unreadable(line)));
    let counts: Counts = counts.collect::<Outcome<_>>()?;
    if counts.is_empty() {
        return Err(unreadable(printed));
    }
    Ok(counts)
}

fn named(line: &str) -> Option<(String, u64)> {
    let count: Value = serde_json::from_str(line).ok()?;
    let name = format!(
        "{} {}",
        count["function_name"].as_str()?,
        count["id"].as_str()?
    );
    let instructions = &count["profiles"][0]["data"]["total"]["metrics"]["Ir"];
    Some((name, instructions["values"]["new"].as_u64()?))
}

fn unreadable(printed: &str) -> Failure {
    let start: String = printed.chars().take(200).collect();
    Failure::new(format!(
        "cannot read a count in what gungraun printed: `{start}`"
    ))
}

/// What is not as it was, and for the worse; also a path that is counted on one side only, which nobody holds then.
fn faults(now: &Counts, before: &Counts) -> Vec<String> {
    let grown = now.iter().filter_map(|(name, now)| match before.get(name) {
        None => Some(format!("`{name}` has no baseline")),
        Some(before) if has_grown(*now, *before) => {
            let percent = percent(*now, *before);
            Some(format!(
                "`{name}` takes {now} instructions, {percent:.1} % more than {before}"
            ))
        }
        Some(_) => None,
    });
    let gone = before.keys().filter(|name| !now.contains_key(*name));
    let gone = gone.map(|name| format!("`{name}` has a baseline and is not counted any more"));
    grown.chain(gone).collect()
}

fn print(now: &Counts, before: &Counts) {
    for (name, count) in now {
        let change = before.get(name).map(|before| percent(*count, *before));
        let change = match change {
            None => "new".to_owned(),
            Some(change) if has_grown(before[name], *count) => {
                format!("{change:+.1} %, a gain to keep")
            }
            Some(change) => format!("{change:+.1} %"),
        };
        println!("{name:30} {count:>10}  {change}");
    }
}

/// Whether `now` is more than the bound above `before`.
fn has_grown(now: u64, before: u64) -> bool {
    now * 100 > before * (100 + PERCENT_MAX)
}

/// How much more than `before` it is now.
fn percent(now: u64, before: u64) -> f64 {
    (now as f64 / before.max(1) as f64 - 1.0) * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(list: &[(&str, u64)]) -> Counts {
        let list = list.iter();
        list.map(|(name, count)| ((*name).to_owned(), *count))
            .collect()
    }

    #[test]
    fn a_count_is_read_with_its_name() {
        let line = r#"{"function_name":"echo","id":"text_32","profiles":[{"data":{"total":{"metrics":{"Ir":{"values":{"new":451,"old":7}}}}}}]}"#;
        assert_eq!(
            read(&format!("noise\n{line}\n")).unwrap(),
            counts(&[("echo text_32", 451)])
        );
        assert!(read("").is_err());
        assert!(read("{\"function_name\":\"echo\"}").is_err());
    }

    #[test]
    fn two_percent_pass_and_more_is_a_fault() {
        let before = counts(&[("a", 1000)]);
        assert!(faults(&counts(&[("a", 1020)]), &before).is_empty());
        assert!(faults(&counts(&[("a", 10)]), &before).is_empty());
        let found = faults(&counts(&[("a", 1021)]), &before);
        assert_eq!(found, ["`a` takes 1021 instructions, 2.1 % more than 1000"]);
    }

    #[test]
    fn a_path_on_one_side_only_is_a_fault() {
        let found = faults(&counts(&[("a", 1)]), &counts(&[("b", 1)]));
        let expected = [
            "`a` has no baseline",
            "`b` has a baseline and is not counted any more",
        ];
        assert_eq!(found, expected);
    }
}
