//! `cargo xtask tidy`: the house rules that a machine can keep.

mod code;
mod header;
mod imports;
mod layers;
mod leftovers;
mod names;
mod paths;
mod readme;
mod size;
mod source;
mod strays;

use std::fmt;

use crate::failure::{Failure, Outcome};
use crate::tidy::source::Source;

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    /// Counted from 1.
    line: usize,
    /// What was found, and what to do.
    text: String,
}

type FileRule = fn(&Source) -> Vec<Finding>;
type TreeRule = fn(&[Source]) -> Vec<Finding>;

/// The rules that look at one file at a time.
const FILE_RULES: [FileRule; 7] = [
    header::check,
    imports::check,
    layers::check,
    leftovers::check,
    names::check,
    paths::check,
    size::check,
];

/// The rules that compare files.
const TREE_RULES: [TreeRule; 2] = [readme::check, strays::check];

pub(crate) fn run() -> Outcome {
    let tree = source::tree()?;
    let mut findings = findings(&tree);
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    let files = tree.len();
    if findings.is_empty() {
        println!("tidy: {files} files in order");
        return Ok(());
    }
    Err(Failure::new(format!(
        "tidy found {} faults in {files} files; mend each as its line says",
        findings.len()
    )))
}

fn findings(tree: &[Source]) -> Vec<Finding> {
    let of_files = FILE_RULES
        .iter()
        .flat_map(|rule| tree.iter().flat_map(rule));
    let of_tree = TREE_RULES.iter().flat_map(|rule| rule(tree));
    of_files.chain(of_tree).collect()
}

impl Finding {
    fn new(source: &Source, line: usize, text: impl Into<String>) -> Self {
        Self {
            path: source.path.clone(),
            line,
            text: text.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_printed_as_a_place_an_editor_can_open() {
        let source = Source::new("src/a.rs", "");
        let finding = Finding::new(&source, 7, "found this; do that");
        assert_eq!(finding.to_string(), "src/a.rs:7: found this; do that");
    }

    #[test]
    fn the_rules_of_files_and_of_the_tree_are_both_applied() {
        let tree = [Source::new("crates/x/src/lib.rs", "fn undocumented() {}\n")];
        let found = findings(&tree);
        let paths: Vec<_> = found.iter().map(|finding| finding.path.as_str()).collect();
        let expected = [
            "crates/x/src/lib.rs",
            "README.md",
            "examples/hello/src/main.rs",
        ];
        assert_eq!(paths, expected);
    }
}
