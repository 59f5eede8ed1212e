//! Rule: inside the framework crate a module names only modules of lower rows.

use crate::tidy::Finding;
use crate::tidy::code::is_name;
use crate::tidy::source::Source;

const FOLDER: &str = "crates/sockeye/src/";

/// The rows, lowest first. What they mean is told in ARCHITECTURE.md.
const ROWS: [&[&str]; 13] = [
    &["error", "config", "id"],
    &["message"],
    &["handshake"],
    &["connection"],
    &["engine"],
    &["broker"],
    &["group"],
    &["socket"],
    &["auth"],
    &["handler"],
    &["routing"],
    &["server"],
    &["asyncapi", "testing"],
];

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let Some(home) = home(&source.path) else {
        return Vec::new();
    };
    if row(home).is_none() {
        let text = format!("module `{home}` is in no row; give it one in xtask/src/tidy/layers.rs");
        return vec![Finding::new(source, 1, text)];
    }
    let named = modules_named(&source.code);
    let wrong = named.filter_map(|(line, module)| {
        let text = objection(home, module)?;
        Some(Finding::new(source, line, text))
    });
    wrong.collect()
}

/// The module a file belongs to; none for lib.rs, the shop window, and for other crates.
fn home(path: &str) -> Option<&str> {
    let path = path.strip_prefix(FOLDER)?.strip_suffix(".rs")?;
    let module = path.split('/').next()?;
    (module != "lib").then_some(module)
}

fn row(module: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&module))
}

fn objection(home: &str, module: &str) -> Option<String> {
    match row(module) {
        _ if module == home => None,
        Some(row_named) if Some(row_named) < row(home) => None,
        Some(row_named) => Some(format!(
            "`{home}` names `crate::{module}`, which is in row {row_named} and not below its own; \
             move what both need into a lower row"
        )),
        None => Some(format!(
            "`crate::{module}` does not say its row; name the module that holds it"
        )),
    }
}

/// The first names after `crate::`, each with its line, also inside `crate::{a, b}`.
fn modules_named(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let places = code.match_indices("crate::");
    let paths = places.filter(|(at, _)| !code[..*at].ends_with(is_name));
    paths.flat_map(move |(at, root)| {
        let start = at + root.len();
        let line_of = move |offset: usize| 1 + code[..start + offset].matches('\n').count();
        let heads = heads(&code[start..]).into_iter();
        heads.map(move |(offset, name)| (line_of(offset), name))
    })
}

/// The name that `path` begins with, or the names that open each branch of its braces, with their offsets.
fn heads(path: &str) -> Vec<(usize, &str)> {
    let name_at = |offset: usize| {
        let tail = &path[offset..];
        let length = tail.find(|c| !is_name(c)).unwrap_or(tail.len());
        (offset, &tail[..length])
    };
    if !path.starts_with('{') {
        return vec![name_at(0)];
    }
    let mut heads = Vec::new();
    let mut depth = 0_usize;
    let mut awaits_head = false;
    for (offset, c) in path.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth == 1 && awaits_head && is_name(c) => heads.push(name_at(offset)),
            _ => {}
        }
        awaits_head = match c {
            '{' | ',' => depth == 1,
            c => awaits_head && c.is_whitespace(),
        };
        if depth == 0 {
            break;
        }
    }
    heads
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, String)> {
        let findings = check(&Source::new(path, text));
        findings
            .into_iter()
            .map(|finding| (finding.line, finding.text))
            .collect()
    }

    fn lines(path: &str, text: &str) -> Vec<usize> {
        found(path, text)
            .into_iter()
            .map(|(line, _)| line)
            .collect()
    }

    #[test]
    fn lower_rows_and_the_own_folder_may_be_named() {
        let text =
            "use crate::error::Error;\nuse crate::group::Hub;\nfn f() { crate::message::g() }\n";
        assert!(lines("crates/sockeye/src/group/hub.rs", text).is_empty());
    }

    #[test]
    fn higher_rows_are_found() {
        let text = "use crate::error::Error;\nuse crate::group::Hub;\n";
        let (line, text) = found("crates/sockeye/src/engine/shard.rs", text).remove(0);
        assert_eq!(line, 2);
        assert!(text.starts_with("`engine` names `crate::group`, which is in row 6"));
    }

    #[test]
    fn neighbours_of_one_row_are_found() {
        assert_eq!(
            lines(
                "crates/sockeye/src/testing/mod.rs",
                "use crate::asyncapi::Document;\n"
            ),
            [1]
        );
    }

    #[test]
    fn every_branch_of_braces_is_read() {
        let text = "use crate::{\n    error::{Error, group},\n    server::{accept, drain}, id,\n    routing,\n};\n";
        assert_eq!(lines("crates/sockeye/src/group/mod.rs", text), [3, 4]);
    }

    #[test]
    fn a_path_through_the_shop_window_is_found() {
        let (_, text) = found("crates/sockeye/src/group/mod.rs", "use crate::Error;\n").remove(0);
        assert!(text.starts_with("`crate::Error` does not say its row"));
    }

    #[test]
    fn a_module_without_a_row_is_found() {
        let (_, text) = found("crates/sockeye/src/metrics/mod.rs", "").remove(0);
        assert!(text.starts_with("module `metrics` is in no row"));
    }

    #[test]
    fn the_shop_window_other_crates_and_prose_are_free() {
        assert!(
            lines(
                "crates/sockeye/src/lib.rs",
                "pub use crate::server::Server;\n"
            )
            .is_empty()
        );
        assert!(lines("crates/sockeye-redis/src/a.rs", "use crate::server::A;\n").is_empty());
        assert!(
            lines(
                "crates/sockeye/src/id.rs",
                "//! Used by [`crate::server`].\n"
            )
            .is_empty()
        );
        assert!(lines("crates/sockeye/src/id.rs", "use my_crate::server;\n").is_empty());
    }
}
