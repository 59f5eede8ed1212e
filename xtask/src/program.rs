//! A program of this workspace, built in release mode and found where cargo put it.

use std::path::PathBuf;

use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::step::Step;

/// Builds what `selection` names (such as `-p echo`) and gives the path of the executable called `name`.
pub(crate) fn build(name: &str, selection: &[&str]) -> Outcome<PathBuf> {
    let build = [
        "build",
        "--release",
        "--message-format=json-render-diagnostics",
    ];
    let messages = Step::cargo(&[&build, selection].concat()).output()?;
    executable(name, &messages).ok_or_else(|| {
        let selection = selection.join(" ");
        Failure::new(format!(
            "cargo built no program `{name}` from `{selection}`"
        ))
    })
}

fn executable(name: &str, messages: &str) -> Option<PathBuf> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut artifacts = messages.filter(|message| message["target"]["name"] == name);
    artifacts.find_map(|artifact| Some(PathBuf::from(artifact["executable"].as_str()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_found_among_the_messages_of_cargo() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"echo"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"other"},"executable":"/x/other"}
{"reason":"compiler-artifact","target":{"name":"echo"},"executable":"/x/echo"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable("echo", messages), Some(PathBuf::from("/x/echo")));
        assert_eq!(executable("chat", messages), None);
    }
}
