//! Rule: every file of a crate is part of it; one that no `mod` names is never compiled.

use std::collections::HashMap;

use crate::tidy::Finding;
use crate::tidy::source::Source;

/// Folders in which every file is a program or test of its own.
const PROGRAM_FOLDERS: [&str; 5] = ["bin", "examples", "benches", "tests", "fuzz_targets"];

pub(crate) fn check(tree: &[Source]) -> Vec<Finding> {
    let rust = tree.iter().filter(|source| source.is_rust());
    let by_path: HashMap<&str, &Source> =
        rust.map(|source| (source.path.as_str(), source)).collect();
    let mut strays: Vec<_> = by_path
        .values()
        .filter(|source| is_stray(source, &by_path))
        .collect();
    strays.sort_by_key(|source| &source.path);
    let text = "no `mod` leads here, so it is never compiled; name it in its parent or delete it";
    strays
        .into_iter()
        .map(|source| Finding::new(source, 1, text))
        .collect()
}

fn is_stray(source: &Source, by_path: &HashMap<&str, &Source>) -> bool {
    let Some((module, folder)) = module(&source.path) else {
        return false;
    };
    let declaration = format!("mod {module};");
    let parents = ["mod.rs", "lib.rs", "main.rs"].map(|name| format!("{folder}/{name}"));
    let mut parents = parents.iter().filter_map(|path| by_path.get(path.as_str()));
    !parents.any(|parent| parent.code.contains(&declaration))
}

/// The name of a module and the folder of its parent; none for the roots of crates.
fn module(path: &str) -> Option<(&str, &str)> {
    let (folder, name) = path.rsplit_once('/')?;
    match name.strip_suffix(".rs")? {
        "lib" | "main" | "build" => None,
        "mod" => folder.rsplit_once('/').map(|(folder, name)| (name, folder)),
        _ if holds_programs(folder) => None,
        module => Some((module, folder)),
    }
}

fn holds_programs(folder: &str) -> bool {
    let last = folder.rsplit('/').next().unwrap_or(folder);
    PROGRAM_FOLDERS.contains(&last) || folder.contains("/tests/ui/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tree: &[(&str, &str)]) -> Vec<String> {
        let tree: Vec<_> = tree
            .iter()
            .map(|(path, text)| Source::new(path, text))
            .collect();
        check(&tree)
            .into_iter()
            .map(|finding| finding.path)
            .collect()
    }

    #[test]
    fn a_file_that_no_mod_names_is_found() {
        let tree = [
            ("x/src/lib.rs", "mod a;\n// mod c;\n"),
            ("x/src/a/mod.rs", "pub(crate) mod b;\n"),
            ("x/src/a/b.rs", ""),
            ("x/src/c.rs", ""),
            ("x/src/d/mod.rs", ""),
        ];
        assert_eq!(found(&tree), ["x/src/c.rs", "x/src/d/mod.rs"]);
    }

    #[test]
    fn programs_and_tests_stand_by_themselves() {
        let tree = [
            ("x/src/bin/tool.rs", ""),
            ("x/examples/client.rs", ""),
            ("x/tests/wire.rs", ""),
            ("x/tests/ui/fail/mistake.rs", ""),
            ("x/build.rs", ""),
        ];
        assert!(found(&tree).is_empty());
    }

    #[test]
    fn the_parts_of_a_test_program_need_their_mod() {
        let tree = [
            ("x/tests/it/main.rs", "mod a;"),
            ("x/tests/it/a.rs", ""),
            ("x/tests/it/b.rs", ""),
        ];
        assert_eq!(found(&tree), ["x/tests/it/b.rs"]);
    }
}
