//! The gate: what the suite must have reported, to the case.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use crate::autobahn::shard::Shard;
use crate::failure::{Failure, Outcome};

const LIST: &str = "conformance/non-strict.txt";

/// Cases that judge nothing by their nature: the RFC leaves the answer open.
const INFORMATIONAL: [&str; 3] = ["7.1.6", "7.13.1", "7.13.2"];

pub(crate) const TABLE_HEAD: &str = "shard  cases  passed  failed  seconds";

/// The cases that may end NON-STRICT.
pub(crate) struct Allowed(BTreeSet<String>);

/// How a shard went.
pub(crate) struct Verdict {
    name: String,
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    /// Sum of what the cases took, in milliseconds.
    duration: u64,
    non_strict: BTreeSet<String>,
    /// All that was found, one sentence each: failed cases, and cases that were not run.
    pub(crate) faults: Vec<String>,
}

pub(crate) fn allowed() -> Outcome<Allowed> {
    let path = Path::new(LIST);
    let list = fs::read_to_string(path).map_err(|cause| Failure::io("read", path, &cause))?;
    Ok(Allowed::read(&list))
}

impl Allowed {
    fn read(list: &str) -> Self {
        let lines = list.lines().filter_map(|line| line.split('#').next());
        let cases = lines.map(str::trim).filter(|case| !case.is_empty());
        Self(cases.map(str::to_owned).collect())
    }

    /// Entries that no case needs any more: the list may only shrink.
    pub(crate) fn stale(&self, verdicts: &[Verdict]) -> Vec<String> {
        let needed = |case: &&String| {
            verdicts
                .iter()
                .any(|shard| shard.non_strict.contains(*case))
        };
        let stale = self.0.iter().filter(|case| !needed(case));
        stale
            .map(|case| format!("{case}: is not NON-STRICT any more; delete it from {LIST}"))
            .collect()
    }
}

/// Judges a report of the form `{agent: {case: {behavior, behaviorClose, duration, ..}}}`.
pub(crate) fn judge(shard: &Shard, report: &Value, allowed: &Allowed) -> Verdict {
    let nothing = Map::new();
    let mut agents = report.as_object().into_iter().flat_map(Map::values);
    let cases = agents.next().and_then(Value::as_object).unwrap_or(&nothing);
    let mut verdict = Verdict {
        name: shard.name.clone(),
        passed: 0,
        failed: 0,
        duration: 0,
        non_strict: BTreeSet::new(),
        faults: Vec::new(),
    };
    for (id, case) in cases {
        verdict.add(id, case, allowed);
    }
    let (found, expected) = (cases.len(), shard.count);
    if found != expected {
        let fault = format!(
            "{}: {found} cases reported, must be exactly {expected}",
            shard.name
        );
        verdict.faults.push(fault);
    }
    if agents.next().is_some() {
        verdict
            .faults
            .push(format!("{}: more than one agent reported", shard.name));
    }
    verdict
}

impl Verdict {
    fn add(&mut self, id: &str, case: &Value, allowed: &Allowed) {
        let behavior = case["behavior"].as_str().unwrap_or("missing");
        let close = case["behaviorClose"].as_str().unwrap_or("missing");
        self.duration += case["duration"].as_u64().unwrap_or_default();
        let non_strict = behavior == "NON-STRICT" && allowed.0.contains(id);
        if non_strict {
            self.non_strict.insert(id.to_owned());
        }
        let fine = |word| word == "OK" || (word == "INFORMATIONAL" && INFORMATIONAL.contains(&id));
        if (fine(behavior) || non_strict) && fine(close) {
            self.passed += 1;
        } else {
            self.failed += 1;
            self.faults
                .push(format!("{id}: behavior {behavior}, behaviorClose {close}"));
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, passed, failed) = (&self.name, self.passed, self.failed);
        let cases = passed + failed;
        let seconds = self.duration / 1000;
        write!(
            formatter,
            "{name:<5} {cases:>6} {passed:>7} {failed:>7} {seconds:>8}"
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(count: usize, cases: &Value, list: &str) -> Verdict {
        let shard = Shard {
            name: "core".to_owned(),
            cases: json!([]),
            count,
        };
        judge(&shard, &json!({"sockeye": cases}), &Allowed::read(list))
    }

    fn case(behavior: &str, close: &str) -> Value {
        json!({"behavior": behavior, "behaviorClose": close, "duration": 5})
    }

    #[test]
    fn all_ok_passes() {
        let verdict = judged(
            2,
            &json!({"1.1.1": case("OK", "OK"), "1.1.2": case("OK", "OK")}),
            "",
        );
        assert_eq!(
            (verdict.passed, verdict.failed, verdict.duration),
            (2, 0, 10)
        );
        assert!(verdict.faults.is_empty());
    }

    #[test]
    fn every_other_value_in_either_field_fails() {
        let values = [
            "NON-STRICT",
            "INFORMATIONAL",
            "FAILED",
            "WRONG CODE",
            "UNCLEAN",
            "FAILED BY CLIENT",
            "UNIMPLEMENTED",
            "",
        ];
        for value in values {
            for case in [case(value, "OK"), case("OK", value)] {
                let verdict = judged(1, &json!({"1.1.1": case}), "");
                assert_eq!(
                    (verdict.passed, verdict.failed, verdict.faults.len()),
                    (0, 1, 1),
                    "{value}"
                );
            }
        }
    }

    #[test]
    fn a_case_without_its_fields_fails() {
        let verdict = judged(1, &json!({"1.1.1": {}}), "");
        assert_eq!(
            verdict.faults,
            ["1.1.1: behavior missing, behaviorClose missing"]
        );
    }

    #[test]
    fn three_cases_may_be_informational() {
        for id in INFORMATIONAL {
            let verdict = judged(1, &json!({id: case("INFORMATIONAL", "INFORMATIONAL")}), "");
            assert_eq!(verdict.passed, 1, "{id}");
        }
    }

    #[test]
    fn a_missing_or_additional_case_is_a_fault() {
        for count in [0, 2] {
            let verdict = judged(count, &json!({"1.1.1": case("OK", "OK")}), "");
            assert_eq!(
                verdict.faults,
                [format!("core: 1 cases reported, must be exactly {count}")]
            );
        }
        assert_eq!(judged(301, &json!({}), "").faults.len(), 1);
    }

    #[test]
    fn a_listed_case_may_be_non_strict_but_not_close_so() {
        let list = "# a reason\n6.4.3 # another\n";
        let listed = judged(1, &json!({"6.4.3": case("NON-STRICT", "OK")}), list);
        assert_eq!(listed.passed, 1);
        assert!(Allowed::read(list).stale(&[listed]).is_empty());
        let close = judged(1, &json!({"6.4.3": case("OK", "NON-STRICT")}), list);
        assert_eq!(close.failed, 1);
    }

    #[test]
    fn a_listed_case_that_is_ok_must_leave_the_list() {
        let verdict = judged(1, &json!({"6.4.3": case("OK", "OK")}), "6.4.3");
        let stale = Allowed::read("6.4.3").stale(&[verdict]);
        assert_eq!(stale.len(), 1);
        assert!(stale[0].starts_with("6.4.3: is not NON-STRICT any more"));
    }

    #[test]
    fn a_second_agent_is_a_fault() {
        let shard = Shard {
            name: "core".to_owned(),
            cases: json!([]),
            count: 0,
        };
        let report = json!({"a": {}, "b": {}});
        assert_eq!(judge(&shard, &report, &Allowed::read("")).faults.len(), 1);
    }
}
