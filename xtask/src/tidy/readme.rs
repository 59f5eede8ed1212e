//! Rule: the example that a newcomer reads first is one that is compiled.

use crate::tidy::Finding;
use crate::tidy::source::Source;

const README: &str = "README.md";
const EXAMPLE: &str = "examples/hello/src/main.rs";
const TESTS: &str = "#[cfg(test)]\nmod tests;\n";

pub(crate) fn check(tree: &[Source]) -> Vec<Finding> {
    let find = |path| tree.iter().find(|source| source.path == path);
    let (Some(readme), Some(example)) = (find(README), find(EXAMPLE)) else {
        let absent = [README, EXAMPLE]
            .into_iter()
            .filter(|path| find(path).is_none());
        return absent.map(missing).collect();
    };
    let Some((line, shown)) = first_example(&readme.text) else {
        let text = format!("no ```rust block; show {EXAMPLE} in one");
        return vec![Finding::new(readme, 1, text)];
    };
    let shown = without_header(shown);
    let compiled = without_header(&example.text);
    if shown == compiled {
        return Vec::new();
    }
    let same = shown
        .lines()
        .zip(compiled.lines())
        .take_while(|(a, b)| a == b)
        .count();
    let text = format!(
        "the example departs from {EXAMPLE} in its line {}; copy that file here",
        same + 1
    );
    vec![Finding::new(readme, line, text)]
}

fn missing(path: &str) -> Finding {
    let text = "the file is missing; a newcomer starts with it";
    Finding::new(&Source::new(path, ""), 1, text)
}

/// The line of the first ```rust block and what is in it.
fn first_example(readme: &str) -> Option<(usize, &str)> {
    let (before, block) = readme.split_once("```rust\n")?;
    let (block, _) = block.split_once("```")?;
    Some((before.lines().count() + 1, block))
}

/// A program opens with a line on its noun, and with its tests; the README has said the one, and no reader starts with the
/// other.
fn without_header(program: &str) -> &str {
    let mut rest = program;
    while let Some((_, tail)) = rest
        .split_once('\n')
        .filter(|(line, _)| line.starts_with("//!"))
    {
        rest = tail;
    }
    rest = rest.trim();
    rest.strip_prefix(TESTS).unwrap_or(rest).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str =
        "//! The smallest server.\n\n#[cfg(test)]\nmod tests;\n\nfn main() {\n    run();\n}\n";

    fn found(readme: &str) -> Vec<(usize, String)> {
        let tree = [Source::new(README, readme), Source::new(EXAMPLE, PROGRAM)];
        let findings = check(&tree).into_iter();
        findings
            .map(|finding| (finding.line, finding.text))
            .collect()
    }

    #[test]
    fn the_compiled_example_is_fine_with_its_header_or_without() {
        assert!(found(&format!("# A\n```rust\n{PROGRAM}```\n")).is_empty());
        assert!(found("# A\n```rust\nfn main() {\n    run();\n}\n```\nmore\n").is_empty());
    }

    #[test]
    fn an_example_that_departs_is_found_with_the_line() {
        let (line, text) = found("# A\n```rust\nfn main() {\n    walk();\n}\n```\n").remove(0);
        assert_eq!(line, 2);
        assert!(text.contains("in its line 2"), "{text}");
    }

    #[test]
    fn a_readme_without_an_example_is_found() {
        assert_eq!(found("# A\n").len(), 1);
    }

    #[test]
    fn missing_files_are_found() {
        let paths: Vec<_> = check(&[]).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, [README, EXAMPLE]);
    }
}
