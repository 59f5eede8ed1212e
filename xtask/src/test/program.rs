//! Program: the tests of one target, as cargo has built them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::step::Step;

/// A program of tests.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Program {
    package: String,
    target: String,
    executable: PathBuf,
    /// The folder of its package, where its tests expect to run.
    folder: PathBuf,
}

/// Who learns first that a socket is ready.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// The shards, which watch the sockets themselves: what they do unless told otherwise.
    OfShards,
    OfRuntime,
}

/// What is to be run, out of the messages of `cargo test --no-run`.
pub(crate) fn built(messages: &str) -> Outcome<Vec<Program>> {
    let messages = messages.lines();
    let messages = messages.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let programs: Vec<_> = messages
        .filter_map(|message| Program::of(&message))
        .collect();
    if programs.is_empty() {
        return Err(Failure::new("cargo has built no tests"));
    }
    Ok(programs)
}

impl Program {
    /// `None` when the message is not of a program of tests.
    fn of(message: &Value) -> Option<Self> {
        if message["profile"]["test"] != true {
            return None;
        }
        let manifest = Path::new(message["manifest_path"].as_str()?);
        // Such as `path+file:///w/examples/chat#0.1.0`, or `..#chat@0.1.0` where folder and package differ in name.
        let id = message["package_id"].as_str()?;
        let (path, version) = id.rsplit_once('#')?;
        let package = version
            .split_once('@')
            .map_or_else(|| path.rsplit('/').next(), |(name, _)| Some(name));
        Some(Self {
            package: package?.to_owned(),
            target: message["target"]["name"].as_str()?.to_owned(),
            executable: message["executable"].as_str()?.into(),
            folder: manifest.parent()?.to_owned(),
        })
    }

    /// Its package and its target.
    pub(crate) fn name(&self) -> (&str, &str) {
        (&self.package, &self.target)
    }

    /// A run, called by what it does, as cargo would run it.
    pub(crate) fn run(&self, readiness: Readiness, filter: &[&str]) -> (String, Step) {
        let Self {
            package,
            target,
            executable,
            folder,
        } = self;
        let step = Step::new(executable, filter).inside(folder);
        let step = step.env("CARGO_MANIFEST_DIR", &folder.to_string_lossy());
        let step = step.env("CARGO_PKG_NAME", package);
        let name = format!("{package}: {target}");
        match readiness {
            Readiness::OfShards => (name, step),
            Readiness::OfRuntime => (
                name + ", sockets left to the runtime",
                step.env("SOCKEYE_WATCH_SOCKETS", "0"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_tests_are_found_among_the_messages_of_cargo() {
        let messages = r#"{"reason":"compiler-artifact","package_id":"path+file:///w/examples/chat#0.1.0","manifest_path":"/w/examples/chat/Cargo.toml","target":{"name":"chat"},"profile":{"test":false},"executable":"/x/chat"}
{"reason":"compiler-artifact","package_id":"path+file:///w/examples/chat#0.1.0","manifest_path":"/w/examples/chat/Cargo.toml","target":{"name":"browser"},"profile":{"test":true},"executable":"/x/browser-1"}
{"reason":"compiler-artifact","package_id":"path+file:///w/folder#other@0.1.0","manifest_path":"/w/folder/Cargo.toml","target":{"name":"it"},"profile":{"test":true},"executable":"/x/it-1"}
{"reason":"build-finished","success":true}"#;
        let program = |package: &str, target: &str, executable: &str, folder: &str| Program {
            package: package.to_owned(),
            target: target.to_owned(),
            executable: executable.into(),
            folder: folder.into(),
        };
        let expected = [
            program("chat", "browser", "/x/browser-1", "/w/examples/chat"),
            program("other", "it", "/x/it-1", "/w/folder"),
        ];
        assert_eq!(built(messages).unwrap(), expected);
        assert!(built("").is_err());
    }
}
