//! The chapters hold together: each is listed and compiled, and what they lead to is there.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const SUMMARY: &str = "SUMMARY.md";

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|cause| panic!("cannot read {path:?}: {cause}"))
}

/// The chapters by the names of their files.
fn chapters() -> BTreeSet<String> {
    let files = fs::read_dir(source()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != SUMMARY).collect()
}

/// What stands in `text` between `open` and the next `close`, each time.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    let pieces = text.split(open).skip(1);
    pieces.filter_map(move |piece| piece.split_once(close).map(|(inside, _)| inside))
}

#[test]
fn the_summary_lists_every_chapter_once() {
    let summary = read(&source().join(SUMMARY));
    let listed: Vec<_> = between(&summary, "](", ")").map(str::to_owned).collect();
    let unique: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(unique.len(), listed.len(), "a chapter is listed twice");
    assert_eq!(unique, chapters());
}

#[test]
fn every_chapter_is_compiled() {
    let library = read(&source().with_file_name("lib.rs"));
    let (_, list) = library.split_once("chapters! {\n").unwrap();
    let (list, _) = list.split_once('}').unwrap();
    let compiled: BTreeSet<_> = list
        .split_whitespace()
        .map(|name| format!("{name}.md"))
        .collect();
    assert_eq!(compiled, chapters());
}

#[test]
fn links_lead_to_what_is_there() {
    let broken: Vec<_> = chapters()
        .into_iter()
        .flat_map(|chapter| broken_links(&chapter))
        .collect();
    assert!(broken.is_empty(), "broken: {broken:#?}");
}

fn broken_links(chapter: &str) -> Vec<String> {
    let text = read(&source().join(chapter));
    let prose = without_code(&text);
    let links = between(&prose, "](", ")").filter(|link| !link.starts_with("https://"));
    let includes = between(&text, "{{#include ", "}}");
    let targets = links.chain(includes);
    let broken = targets.filter(|target| !leads(chapter, target));
    broken
        .map(|target| format!("{chapter}: {target}"))
        .collect()
}

/// Whether a link, or what is included, exists; `#` opens the name of a heading, `:` that of a part of a file.
fn leads(chapter: &str, target: &str) -> bool {
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let (file, part) = file.split_once(':').unwrap_or((file, ""));
    let path = source().join(if file.is_empty() { chapter } else { file });
    if heading.is_empty() && part.is_empty() {
        return path.exists();
    }
    let Ok(text) = fs::read_to_string(path) else {
        return false;
    };
    let mut headings = text.lines().filter(|line| line.starts_with('#'));
    let headed = heading.is_empty() || headings.any(|line| anchor(line) == heading);
    headed && (part.is_empty() || text.contains(&format!("ANCHOR: {part}\n")))
}

/// The name that a heading has in a link.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn without_code(text: &str) -> String {
    let outside = text.split("```").step_by(2).collect::<String>();
    outside.split('`').step_by(2).collect()
}

#[test]
fn only_what_is_compiled_elsewhere_is_not_compiled_here() {
    for chapter in chapters() {
        let text = read(&source().join(&chapter));
        for block in between(&text, "```rust,ignore\n", "```") {
            let lines: Vec<_> = block.lines().collect();
            let included = lines.iter().all(|line| line.starts_with("{{#include "));
            assert!(
                included,
                "{chapter}: a snippet that nobody compiles: {block}"
            );
        }
    }
}

/// The tutorial says how many lines its programs have.
#[test]
fn the_programs_of_the_tutorial_are_as_short_as_it_says() {
    let examples = source().join("../../examples");
    for (program, lines_max) in PROGRAMS {
        let text = read(&examples.join(program));
        let lines = text.lines().map(str::trim);
        let count = lines
            .filter(|line| !line.is_empty() && !line.starts_with("//"))
            .count();
        assert!(
            count <= lines_max,
            "{program} has {count} lines, more than {lines_max}"
        );
    }
}

const PROGRAMS: [(&str, usize); 2] = [
    ("first_chat/src/main.rs", 30),
    ("members_chat/src/main.rs", 60),
];

/// The pages "Coming from ..", with the letter and the number of their features.
const PORTS: [(&str, char, usize); 5] = [
    ("from_pylight.md", 'P', 10),
    ("from_chanx.md", 'C', 20),
    ("from_axum_realtime_kit.md", 'A', 10),
    ("from_kui.md", 'K', 9),
    ("from_websockets_routes.md", 'W', 4),
];

#[test]
fn every_feature_of_the_others_is_under_a_heading() {
    for (page, letter, count) in PORTS {
        let text = read(&source().join(page));
        let headings = text
            .lines()
            .filter(|line| line.starts_with("## "))
            .collect::<Vec<_>>()
            .join(" ");
        for number in 1..=count {
            let id = format!("{letter}{number}");
            let mut words = headings.split(|c: char| !c.is_alphanumeric());
            assert!(words.any(|word| word == id), "{page} has no {id}");
        }
    }
}
