//! A part of the suite that runs as one process.

use serde_json::Value;

use crate::failure::{Failure, Outcome};

const LIST: &str = include_str!("../../../conformance/shards.json");

pub(crate) struct Shard {
    pub(crate) name: String,
    /// Patterns such as `12.*`.
    pub(crate) cases: Value,
    /// How many cases the patterns stand for.
    pub(crate) count: usize,
}

/// All shards of conformance/shards.json, in the order of their running.
pub(crate) fn all() -> Outcome<Vec<Shard>> {
    read(LIST).ok_or_else(|| {
        Failure::new(
            "cannot read conformance/shards.json; each shard needs `name`, `count` and `cases`",
        )
    })
}

fn read(list: &str) -> Option<Vec<Shard>> {
    let list: Value = serde_json::from_str(list).ok()?;
    let shards = list.as_array()?.iter().map(|shard| {
        Some(Shard {
            name: shard["name"].as_str()?.to_owned(),
            cases: shard["cases"].is_array().then(|| shard["cases"].clone())?,
            count: usize::try_from(shard["count"].as_u64()?).ok()?,
        })
    });
    shards.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shards_hold_all_517_cases() {
        let counts: Vec<_> = all().unwrap().iter().map(|shard| shard.count).collect();
        assert_eq!(counts, [301, 90, 126]);
    }

    #[test]
    fn a_shard_without_its_count_is_refused() {
        assert!(read(r#"[{"name": "core", "cases": ["1.*"]}]"#).is_none());
    }
}
