//! Workshop: builds our programs and the peers written in Rust.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bench::{Failure, Outcome};
use serde_json::Value;

/// The programs of a run.
#[derive(Debug)]
pub(crate) struct Workshop {
    pub(crate) serve: PathBuf,
    pub(crate) load: PathBuf,
    /// Where cargo puts what it builds for us; the peers go into a folder below it.
    target: PathBuf,
}

impl Workshop {
    pub(crate) fn build() -> Outcome<Self> {
        let programs = cargo(&["-p", "bench", "--bins"])?;
        let serve = one(programs.clone(), "serve")?;
        let load = one(programs, "load")?;
        let target = serve.parent().and_then(Path::parent);
        let target = target.map(Path::to_owned);
        let target = target.ok_or_else(|| Failure::new("cargo built programs without a folder"))?;
        Ok(Self {
            serve,
            load,
            target,
        })
    }

    /// The peers written in Rust, by name. They are a workspace of their own.
    pub(crate) fn build_peers(&self) -> Outcome<HashMap<String, PathBuf>> {
        self.build_apart(&[])
    }

    /// Our server of live models, which needs a database that the others do not.
    pub(crate) fn build_live(&self) -> Outcome<PathBuf> {
        one(cargo(&["-p", "bench-live"])?, "serve-live")
    }

    /// The same by hand.
    pub(crate) fn build_live_peer(&self) -> Outcome<PathBuf> {
        let programs = self.build_apart(&["--features", "live", "--bin", "axum-live"])?;
        one(programs, "axum-live")
    }

    fn build_apart(&self, selection: &[&str]) -> Outcome<HashMap<String, PathBuf>> {
        let target = self.target.join("peers");
        let target = target.to_string_lossy();
        let apart = [
            "--locked",
            "--manifest-path",
            "bench/peers/Cargo.toml",
            "--target-dir",
            &target,
        ];
        cargo(&[&apart, selection].concat())
    }
}

fn one(mut programs: HashMap<String, PathBuf>, name: &str) -> Outcome<PathBuf> {
    let program = programs.remove(name);
    program.ok_or_else(|| Failure::new(format!("cargo built no program `{name}`")))
}

/// Builds in release mode; the executables by name.
fn cargo(selection: &[&str]) -> Outcome<HashMap<String, PathBuf>> {
    let mut command = Command::new("cargo");
    command.args([
        "build",
        "--release",
        "--message-format=json-render-diagnostics",
    ]);
    command.args(selection).stderr(Stdio::inherit());
    let output = command.output().map_err(Failure::of("start cargo"))?;
    if !output.status.success() {
        let selection = selection.join(" ");
        return Err(Failure::new(format!(
            "`cargo build --release {selection}` failed: {}",
            output.status
        )));
    }
    Ok(executables(&String::from_utf8_lossy(&output.stdout)))
}

fn executables(messages: &str) -> HashMap<String, PathBuf> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let executables = messages.filter_map(|message| {
        let name = message["target"]["name"].as_str()?.to_owned();
        Some((name, PathBuf::from(message["executable"].as_str()?)))
    });
    executables.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executables_are_found_among_the_messages_of_cargo() {
        let messages = r#"{"target":{"name":"bench"},"executable":null}
{"target":{"name":"serve"},"executable":"/x/serve"}
{"reason":"build-finished","success":true}"#;
        let found = executables(messages);
        assert_eq!(found.len(), 1);
        assert_eq!(found["serve"], PathBuf::from("/x/serve"));
    }
}
