//! The peers in JavaScript: what they need of the machine, and what npm gets for them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use bench::{Failure, Outcome};
use serde_json::Value;

const FOLDER: &str = "bench/peers/js";

/// The command of the peer `name`, with what it needs installed on first use.
pub(crate) fn command(name: &str) -> Outcome<Vec<String>> {
    install(name)?;
    let interpreter = if name == "bun" {
        bun()?
    } else {
        "node".to_owned()
    };
    let version = Command::new(&interpreter).arg("--version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        return Err(Failure::new(format!("`{interpreter}` does not start")));
    }
    Ok(vec![interpreter, format!("{FOLDER}/{name}.js")])
}

/// The version that is asked for in package.json.
pub(crate) fn version(name: &str) -> Option<String> {
    let text = fs::read_to_string(Path::new(FOLDER).join("package.json")).ok()?;
    let package: Value = serde_json::from_str(&text).ok()?;
    Some(package["dependencies"][name].as_str()?.to_owned())
}

/// The program comes in a package for each platform; a script of npm's, which may be switched off, moves it from there.
fn bun() -> Outcome<String> {
    let modules = Path::new(FOLDER).join("node_modules");
    let packages = fs::read_dir(modules.join("@oven")).into_iter().flatten();
    let unmoved = packages.filter_map(|package| Some(package.ok()?.path().join("bin/bun")));
    let mut programs = unmoved.chain([modules.join("bun/bin/bun.exe")]);
    let program = programs.find(|program| program.is_file());
    let program = program.ok_or_else(|| Failure::new("npm has no bun for this platform"))?;
    Ok(program.display().to_string())
}

fn install(name: &str) -> Outcome {
    if Path::new(FOLDER).join("node_modules").join(name).exists() {
        return Ok(());
    }
    let missing: Vec<_> = ["node", "npm"]
        .into_iter()
        .filter(|program| !starts(program))
        .collect();
    if !missing.is_empty() {
        let text = format!(
            "there is no `{}` on the PATH (Debian packages nodejs, npm)",
            missing.join("`, no `")
        );
        return Err(Failure::new(text));
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-package-lock", "--no-audit", "--no-fund"]);
    npm.current_dir(FOLDER).stdout(Stdio::null());
    let status = npm.status().map_err(Failure::of("start npm"))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "`npm install` in {FOLDER} failed: {status}"
    )))
}

fn starts(program: &str) -> bool {
    let output = Command::new(program).arg("--version").output();
    output.is_ok_and(|output| output.status.success())
}
