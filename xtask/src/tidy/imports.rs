//! Rule: paths to other modules start at `crate::`, so that a reader sees the layer; `super::` is for tests.

use crate::tidy::Finding;
use crate::tidy::code::is_name;
use crate::tidy::source::Source;

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let text = "`super::` outside a test module; write the path from `crate::`";
    let relative = source
        .product_lines()
        .filter(|(_, line)| names_parent(line));
    relative
        .map(|(line, _)| Finding::new(source, line, text))
        .collect()
}

fn names_parent(line: &str) -> bool {
    let mut places = line.match_indices("super::");
    places.any(|(at, _)| !line[..at].ends_with(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        let findings = check(&Source::new(path, text));
        findings.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_path_to_the_parent_is_found() {
        assert_eq!(found("a.rs", "use a;\nuse super::b;\n"), [2]);
        assert_eq!(found("a.rs", "fn f() { super::g() }\n"), [1]);
    }

    #[test]
    fn tests_comments_and_visibility_are_fine() {
        assert!(found("a.rs", "#[cfg(test)]\nmod tests {\n    use super::*;\n}\n").is_empty());
        assert!(found("x/tests/it/a.rs", "use super::b;\n").is_empty());
        assert!(found("a.rs", "//! Not super::b.\npub(super) fn f() {}\n").is_empty());
    }
}
