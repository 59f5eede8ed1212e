//! `cargo xtask ci`: what is held against the code besides its tests.

use std::time::Duration;

use serde_json::Value;

use crate::book;
use crate::counts;
use crate::failure::{Failure, Outcome};
use crate::fuzz;
use crate::setup;
use crate::step::Step;

type Part = (&'static str, fn() -> Outcome);

const PARTS: [Part; 8] = [
    ("formatting", formatting),
    ("lints", lints),
    ("documentation", documentation),
    ("book", book::build),
    ("features", each_feature_alone),
    ("dependencies", dependencies),
    ("instruction counts", counts::check),
    ("fuzz targets", fuzz::smoke),
];

/// Runs every part, also after one has failed: whoever mends the first wants to know the others.
pub(crate) fn run() -> Outcome {
    let failed = PARTS.iter().filter_map(|(name, part)| {
        let failure = part().err()?;
        eprintln!("\nxtask: {name}: {failure}");
        Some(format!("{name}: {failure}"))
    });
    let failed: Vec<_> = failed.collect();
    if failed.is_empty() {
        println!("\nci: all {} parts passed", PARTS.len());
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} of {} parts failed:\n  {}",
        failed.len(),
        PARTS.len(),
        failed.join("\n  ")
    )))
}

fn formatting() -> Outcome {
    Step::cargo(&["fmt", "--all", "--check"]).run()?;
    let apart = ["fuzz/Cargo.toml", "bench/peers/Cargo.toml"];
    let mut apart = apart.into_iter();
    apart.try_for_each(|package| Step::cargo(&["fmt", "--manifest-path", package, "--check"]).run())
}

fn lints() -> Outcome {
    clippy(&["--workspace", "--all-targets", "--all-features"])?;
    clippy(&["--workspace", "--all-targets"])
}

fn clippy(selection: &[&str]) -> Outcome {
    Step::cargo(&[&["clippy"], selection, &["--", "-D", "warnings"]].concat()).run()
}

fn documentation() -> Outcome {
    Step::cargo(&["doc", "--workspace", "--no-deps", "--all-features"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}

/// Each feature by itself, and none at all: features are only added up by those who try them apart.
fn each_feature_alone() -> Outcome {
    let metadata = Step::cargo(&["metadata", "--no-deps", "--format-version", "1"]).output()?;
    for (package, features) in features(&metadata)? {
        clippy(&["-p", &package, "--no-default-features"])?;
        for feature in features {
            clippy(&[
                "-p",
                &package,
                "--no-default-features",
                "--features",
                &feature,
            ])?;
        }
    }
    Ok(())
}

/// Every package that has features, with their names; `default` is no feature of its own.
fn features(metadata: &str) -> Outcome<Vec<(String, Vec<String>)>> {
    let unreadable = || Failure::new("cannot read what `cargo metadata` printed: no packages");
    let metadata: Value = serde_json::from_str(metadata).map_err(|_| unreadable())?;
    let packages = metadata["packages"].as_array().ok_or_else(unreadable)?;
    let named = packages.iter().filter_map(|package| {
        let features = package["features"].as_object()?;
        let features: Vec<_> = features
            .keys()
            .filter(|name| *name != "default")
            .cloned()
            .collect();
        let name = package["name"].as_str()?.to_owned();
        (!features.is_empty()).then_some((name, features))
    });
    Ok(named.collect())
}

/// Holds the dependencies against deny.toml. Known vulnerabilities need their database from the network: where it
/// cannot be had, the rest still counts and the gap is told.
fn dependencies() -> Outcome {
    setup::ensure(&[setup::CARGO_DENY])?;
    Step::cargo(&["deny", "check", "bans", "licenses", "sources"]).run()?;
    let fetch = Step::cargo(&["deny", "fetch", "db"]).within(Duration::from_secs(3 * 60));
    if let Err(failure) = fetch.run() {
        println!(
            "\nWARNING: ADVISORIES NOT CHECKED, the advisory database cannot be fetched: {failure}"
        );
        return Ok(());
    }
    Step::cargo(&["deny", "check", "advisories"]).run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read_with_their_features_but_default() {
        let metadata = r#"{"packages": [
            {"name": "plain", "features": {}},
            {"name": "rich", "features": {"default": ["tls"], "tls": [], "json": []}}
        ]}"#;
        let expected = vec![("rich".to_owned(), vec!["json".to_owned(), "tls".to_owned()])];
        assert_eq!(features(metadata).unwrap(), expected);
    }

    #[test]
    fn metadata_without_packages_is_refused() {
        assert!(features("{}").is_err());
        assert!(features("not json").is_err());
    }
}
