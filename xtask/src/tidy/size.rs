//! Rule: a file fits in a reader's head.

use crate::tidy::Finding;
use crate::tidy::source::Source;

/// Tests included. Past 250 lines most files are about two nouns.
const LINES_MAX: usize = 400;

/// Files that may be longer, each with its reason: tables and generated lists only.
const EXEMPT: [(&str, &str); 0] = [];

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    let exempt = EXEMPT.iter().any(|(path, _)| *path == source.path);
    if lines <= LINES_MAX || exempt || !is_written_by_hand(&source.path) {
        return Vec::new();
    }
    let text = format!("{lines} lines, the limit is {LINES_MAX}; split the file by its nouns");
    vec![Finding::new(source, LINES_MAX + 1, text)]
}

fn is_written_by_hand(path: &str) -> bool {
    path.ends_with(".rs") || (path.ends_with(".ts") && !path.ends_with(".d.ts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, lines: usize) -> usize {
        check(&Source::new(path, &"//\n".repeat(lines))).len()
    }

    #[test]
    fn the_limit_passes_and_one_line_more_is_found() {
        assert_eq!(found("a.rs", 400), 0);
        assert_eq!(found("a.rs", 401), 1);
        assert_eq!(found("a.ts", 401), 1);
    }

    #[test]
    fn what_nobody_wrote_may_be_long() {
        assert_eq!(found("Cargo.lock", 4000), 0);
        assert_eq!(found("a.d.ts", 4000), 0);
    }
}
