//! Rule: the repository knows nothing of the machine it was written on.

use crate::tidy::Finding;
use crate::tidy::source::Source;

/// Folders at the root of a file system in which people and their tools keep their own things.
const PRIVATE: [&str; 4] = ["home", "root", "Users", "work"];

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let found = source.lines().filter_map(|(line, text)| {
        let folder = PRIVATE.iter().find(|folder| names(text, folder))?;
        let text =
            format!("a path below /{folder} of one machine; write it from the repository's root");
        Some(Finding::new(source, line, text))
    });
    found.collect()
}

/// Whether an absolute path in `line` begins with `folder` and goes on below it.
fn names(line: &str, folder: &str) -> bool {
    let path = format!("/{folder}/");
    let mut places = line.match_indices(&path);
    places.any(|(at, _)| {
        let begins = !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-~}/$*".contains(c));
        let goes_on =
            line[at + path.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '.');
        begins && goes_on
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check(&Source::new("README.md", text)).len()
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        for folder in PRIVATE {
            assert_eq!(found(&format!("see /{folder}/me/notes.md\n")), 1);
            assert_eq!(found(&format!("include!(\"/{folder}/me/notes.md\")\n")), 1);
        }
    }

    #[test]
    fn addresses_and_paths_of_the_repository_are_fine() {
        assert_eq!(
            found("see docs/work/plan.md, ./home/a and ${x}/root/b\n"),
            0
        );
        assert_eq!(found("GET http://localhost/home/page\n"), 0);
        assert_eq!(found("the route /home/{id}\n"), 0);
    }
}
