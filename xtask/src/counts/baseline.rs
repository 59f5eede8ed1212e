//! Baseline: the counts that are checked in, with what they were made with.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::counts::Counts;
use crate::failure::{Failure, Outcome};

const FILE: &str = "bench/counts.json";

pub(crate) struct Baseline {
    /// Compiler and machine, as far as counts depend on them.
    pub(crate) made_with: String,
    pub(crate) counts: Counts,
}

impl Baseline {
    pub(crate) fn read() -> Outcome<Self> {
        let path = Path::new(FILE);
        let text = fs::read_to_string(path).map_err(|cause| Failure::io("read", path, &cause))?;
        Self::parse(&text).ok_or_else(|| {
            Failure::new(format!(
                "{FILE} is no baseline; `cargo xtask counts --keep` makes one"
            ))
        })
    }

    pub(crate) fn write(&self) -> Outcome {
        let path = Path::new(FILE);
        let text = format!(
            "{:#}\n",
            json!({"made_with": self.made_with, "instructions": self.counts})
        );
        fs::write(path, text).map_err(|cause| Failure::io("write", path, &cause))
    }

    fn parse(text: &str) -> Option<Self> {
        let baseline: Value = serde_json::from_str(text).ok()?;
        let counts = baseline["instructions"].as_object()?.iter();
        let counts = counts.map(|(name, count)| Some((name.clone(), count.as_u64()?)));
        Some(Self {
            made_with: baseline["made_with"].as_str()?.to_owned(),
            counts: counts.collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_is_read_and_anything_else_is_not() {
        let read =
            Baseline::parse(r#"{"made_with": "rustc 1", "instructions": {"a b": 7}}"#).unwrap();
        assert_eq!(
            (read.made_with.as_str(), read.counts["a b"]),
            ("rustc 1", 7)
        );
        assert!(Baseline::parse(r#"{"made_with": "rustc 1"}"#).is_none());
        assert!(
            Baseline::parse(r#"{"made_with": "rustc 1", "instructions": {"a": "b"}}"#).is_none()
        );
    }
}
