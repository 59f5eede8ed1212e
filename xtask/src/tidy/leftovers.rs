//! Rule: nothing unfinished is kept: no skipped tests, no stubs, no notes to oneself.

use crate::tidy::Finding;
use crate::tidy::source::Source;

const STUBS: [&str; 2] = ["todo!", "unimplemented!"];
const NOTES: [&str; 3] = ["TODO", "FIXME", "XXX"];

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if !source.is_rust() {
        return Vec::new();
    }
    let code = (1..).zip(source.code.lines());
    let in_code = code.filter_map(|(line, code)| Some((line, in_code(code)?)));
    let comments = source.lines();
    let comments = comments.filter_map(|(line, text)| Some((line, text.split_once("//")?.1)));
    let in_comments = comments.filter_map(|(line, text)| Some((line, in_comment(text)?)));
    let found = in_code.chain(in_comments);
    found
        .map(|(line, text)| Finding::new(source, line, text))
        .collect()
}

fn in_code(code: &str) -> Option<String> {
    if code.contains("#[ignore") || (code.contains("cfg_attr") && code.contains(", ignore")) {
        return Some("a skipped test proves nothing; make it run or delete it".to_owned());
    }
    let stub = STUBS.iter().find(|stub| code.contains(*stub))?;
    Some(format!("`{stub}` is a stub; write what it stands for"))
}

fn in_comment(comment: &str) -> Option<String> {
    if comment.contains("```ignore") {
        return Some("an example that nobody compiles; make it compile".to_owned());
    }
    let note = NOTES.iter().find(|note| comment.contains(*note))?;
    Some(format!(
        "`{note}` is a note to oneself; do it or leave it out"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<usize> {
        let findings = check(&Source::new("a.rs", text));
        findings.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn skipped_tests_are_found() {
        assert_eq!(found("#[test]\n#[ignore = \"slow\"]\nfn f() {}\n"), [2]);
        assert_eq!(found("#[cfg_attr(miri, ignore)]\n"), [1]);
    }

    #[test]
    fn stubs_and_notes_are_found() {
        for stub in STUBS {
            assert_eq!(found(&format!("fn f() {{ {stub}() }}\n")), [1]);
        }
        for note in NOTES {
            assert_eq!(found(&format!("a();\nb(); // {note} later\n")), [2]);
        }
    }

    #[test]
    fn examples_that_are_not_compiled_are_found() {
        let fence = "`".repeat(3);
        assert_eq!(found(&format!("//! {fence}ignore\n")), [1]);
    }

    #[test]
    fn finished_code_is_fine() {
        assert!(found("//! Ignore this.\nfn f(ignore: bool) { g(\"todo!\") }\n").is_empty());
    }
}
