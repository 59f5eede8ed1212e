//! A file of the repository, as the rules read it.

use std::fs;
use std::io;
use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::step::Step;
use crate::tidy::code;

pub(crate) struct Source {
    /// From the root of the repository, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// Rust only: the text with comments and literals blanked, line for line.
    pub(crate) code: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let code = if path.ends_with(".rs") {
            code::blanked(text)
        } else {
            String::new()
        };
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
        }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The names of folders and, last, of the file.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.path.split('/')
    }

    /// The lines of `text`, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// The lines of `code` outside tests, counted from 1.
    pub(crate) fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let in_tests = self
            .names()
            .any(|name| name == "tests" || name == "tests.rs");
        let code = if in_tests { "" } else { self.code.as_str() };
        let mut place = Place::Product;
        (1..).zip(code.lines()).filter(move |(_, line)| {
            place = place.after(line);
            place == Place::Product
        })
    }
}

/// Where a line of formatted code stands: a test module opens and closes at the margin.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Product,
    BelowCfgTest,
    TestModule,
}

impl Place {
    fn after(self, line: &str) -> Self {
        match self {
            Self::Product if line.starts_with("#[cfg(test)]") => Self::BelowCfgTest,
            Self::BelowCfgTest if line.starts_with('#') => Self::BelowCfgTest,
            Self::BelowCfgTest if line.starts_with("mod ") && line.ends_with('{') => {
                Self::TestModule
            }
            Self::TestModule if line != "}" => Self::TestModule,
            Self::Product | Self::BelowCfgTest | Self::TestModule => Self::Product,
        }
    }
}

/// All text files that are tracked, or new and not ignored.
pub(crate) fn tree() -> Outcome<Vec<Source>> {
    let list = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let list = Step::new("git", &list).output()?;
    let mut sources = Vec::new();
    for path in list.split_terminator('\0') {
        match fs::read_to_string(path) {
            Ok(text) => sources.push(Source::new(path, &text)),
            // Deleted but not yet committed, or not text.
            Err(cause) if is_no_text(&cause) => {}
            Err(cause) => return Err(Failure::io("read", Path::new(path), &cause)),
        }
    }
    Ok(sources)
}

fn is_no_text(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::InvalidData
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(path: &str, text: &str) -> Vec<usize> {
        let source = Source::new(path, text);
        source.product_lines().map(|(line, _)| line).collect()
    }

    #[test]
    fn the_test_module_at_the_end_is_no_product_code() {
        let text = "a();\n#[cfg(test)]\n#[expect(x)]\nmod tests {\n    b();\n}\nc();\n";
        assert_eq!(product("src/a.rs", text), [1, 6, 7]);
    }

    #[test]
    fn a_test_module_in_its_own_file_leaves_the_rest_product_code() {
        assert_eq!(
            product("src/a.rs", "#[cfg(test)]\nmod tests;\nc();\n"),
            [2, 3]
        );
    }

    #[test]
    fn files_of_tests_hold_no_product_code() {
        assert!(product("crates/x/tests/it/main.rs", "a();\n").is_empty());
        assert!(product("crates/x/src/a/tests.rs", "a();\n").is_empty());
    }
}
