//! Rule: no file or folder has a name that says nothing.

use crate::tidy::Finding;
use crate::tidy::source::Source;

const EMPTY_NAMES: [&str; 7] = [
    "utils", "helpers", "common", "misc", "types", "inner", "manager",
];

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let code = source.is_rust() || source.path.ends_with(".ts");
    let stems = source
        .names()
        .map(|name| name.split('.').next().unwrap_or(name));
    let banned = stems.filter(|stem| code && EMPTY_NAMES.contains(stem));
    let text = |stem| format!("`{stem}` says nothing; name it after the noun it holds");
    banned
        .map(|stem| Finding::new(source, 1, text(stem)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str) -> usize {
        check(&Source::new(path, "")).len()
    }

    #[test]
    fn empty_names_of_files_and_folders_are_found() {
        assert_eq!(found("crates/x/src/utils.rs"), 1);
        assert_eq!(found("crates/x/src/common/mod.rs"), 1);
        assert_eq!(found("clients/typescript/src/types.test.ts"), 1);
        assert_eq!(found("crates/x/src/inner/types.rs"), 2);
    }

    #[test]
    fn names_that_contain_such_a_word_are_fine() {
        assert_eq!(found("crates/x/src/typescript_types.rs"), 0);
        assert_eq!(found("docs/common.md"), 0);
    }
}
