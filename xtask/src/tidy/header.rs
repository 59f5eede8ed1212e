//! Rule: every file opens by saying what its noun is.

use crate::tidy::Finding;
use crate::tidy::source::Source;

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let first = source.text.lines().next().unwrap_or_default();
    let told = first
        .strip_prefix("//!")
        .is_some_and(|text| !text.trim().is_empty());
    if told || !source.is_rust() {
        return Vec::new();
    }
    let text = "the first line is no `//!`; open the file with one sentence on its noun";
    vec![Finding::new(source, 1, text)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&Source::new(path, text)).len()
    }

    #[test]
    fn a_file_without_a_header_is_found() {
        assert_eq!(found("a.rs", "use b;\n//! Too late.\n"), 1);
        assert_eq!(found("a.rs", "//!\nuse b;\n"), 1);
        assert_eq!(found("a.rs", "// Not documentation.\n"), 1);
        assert_eq!(found("a.rs", ""), 1);
    }

    #[test]
    fn a_header_and_other_languages_are_fine() {
        assert_eq!(found("a.rs", "//! The noun.\n"), 0);
        assert_eq!(found("a.ts", "export {}\n"), 0);
    }
}
