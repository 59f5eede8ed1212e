//! Contenders: our server and its peers, each with the command that starts it.

use std::fs;
use std::path::Path;

use bench::{Failure, Outcome};

use crate::javascript;
use crate::workshop::Workshop;

/// A server that can be started.
#[derive(Debug)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) version: String,
    /// The command, to which the port is added.
    pub(crate) words: Vec<String>,
}

/// Peers in Rust: the program's name, and the crate whose version it goes by.
const RUST: [(&str, &str); 4] = [
    ("axum", "axum"),
    ("tungstenite", "tokio-tungstenite"),
    ("fastwebsockets", "fastwebsockets"),
    ("tokio-websockets", "tokio-websockets"),
];

const JAVASCRIPT: [&str; 2] = ["bun", "ws"];

/// Ours first, then the peers that were asked for and can be had. What a missing one lacks is told.
#[expect(
    clippy::print_stderr,
    reason = "a command line tool speaks by printing"
)]
pub(crate) fn all(workshop: &Workshop, asked: Option<&[String]>) -> Outcome<Vec<Contender>> {
    refuse_unknown(asked.unwrap_or_default())?;
    let wanted = |name: &str| asked.is_none_or(|asked| asked.iter().any(|word| word == name));
    let mut contenders = vec![ours(&workshop.serve)];
    let leave_out = |name: &str, failure: Failure| eprintln!("\nWITHOUT {name}: {failure}");
    if RUST.iter().any(|(name, _)| wanted(name)) {
        match workshop.build_peers() {
            Ok(programs) => {
                let wanted = RUST.iter().filter(|(name, _)| wanted(name));
                let built = wanted
                    .filter_map(|(name, package)| Some(rust(name, package, programs.get(*name)?)));
                contenders.extend(built);
            }
            Err(failure) => leave_out("the peers in Rust", failure),
        }
    }
    for name in JAVASCRIPT.into_iter().filter(|name| wanted(name)) {
        match javascript::command(name) {
            Ok(words) => contenders.push(Contender {
                name,
                version: javascript::version(name).unwrap_or_default(),
                words,
            }),
            Err(failure) => leave_out(name, failure),
        }
    }
    Ok(contenders)
}

fn refuse_unknown(asked: &[String]) -> Outcome {
    let known: Vec<_> = RUST
        .iter()
        .map(|(name, _)| *name)
        .chain(JAVASCRIPT)
        .collect();
    let unknown = asked.iter().find(|name| !known.contains(&name.as_str()));
    unknown.map_or(Ok(()), |name| {
        Err(Failure::new(format!(
            "no peer `{name}`; there are {}",
            known.join(", ")
        )))
    })
}

fn ours(program: &Path) -> Contender {
    Contender {
        name: "sockeye",
        version: env!("CARGO_PKG_VERSION").to_owned(),
        words: vec![program.display().to_string()],
    }
}

fn rust(name: &'static str, package: &str, program: &Path) -> Contender {
    let lock = fs::read_to_string("bench/peers/Cargo.lock").unwrap_or_default();
    Contender {
        name,
        version: locked(&lock, package).unwrap_or_default().to_owned(),
        words: vec![program.display().to_string()],
    }
}

/// The version of a package in a lock file; the last of several, which is the newest.
fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let head = format!("name = \"{package}\"\nversion = \"");
    let (_, rest) = lock.rsplit_once(&head)?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_lock_file() {
        let lock = "name = \"a\"\nversion = \"0.29.0\"\n\n[[package]]\nname = \"a\"\nversion = \"0.30.1\"\nsource";
        assert_eq!(locked(lock, "a"), Some("0.30.1"));
        assert_eq!(locked(lock, "b"), None);
    }

    #[test]
    fn a_peer_that_is_not_known_is_refused() {
        let failure = refuse_unknown(&["bun".to_owned(), "bunn".to_owned()]).unwrap_err();
        assert!(
            failure
                .to_string()
                .starts_with("no peer `bunn`; there are axum, ")
        );
    }
}
