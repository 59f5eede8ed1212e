//! The project's own commands: `cargo xtask <verb>`.

#![forbid(unsafe_code)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks by printing"
)]

mod autobahn;
mod bench;
mod book;
mod ci;
mod counts;
mod failure;
mod fuzz;
mod lanes;
mod process;
mod program;
mod schemathesis;
mod setup;
mod step;
mod test;
mod tidy;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use crate::autobahn::Role;
use crate::failure::{Failure, Outcome};

const USAGE: &str = "\
cargo xtask <verb>

  test [filter]                          set the machine up, then tidy, build and test the whole workspace
  ci                                     formatting, lints, documentation, the book, features, dependencies,
                                         instruction counts, fuzz smoke
  tidy                                   the house rules: layers, sizes, names, headers, README
  book                                   the book, into target/book
  fuzz [target] [seconds | --runs N]     fuzz one target or all of them, 60 seconds each unless told otherwise
  autobahn [server | client]             the Autobahn test suite with its strict gate, against the echo example
                                         (server, the default) or our client role
  bench [options]                        our server beside its peers, as ratios; bench/README.md tells the options
  counts [--keep]                        instructions of the hot paths, against bench/counts.json or into it";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match enter_root().and_then(|()| run(&words)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Outcome {
    match words {
        ["test"] => test::run(None),
        ["test", filter] => test::run(Some(filter)),
        ["ci"] => ci::run(),
        ["tidy"] => tidy::run(),
        ["book"] => book::build(),
        ["bench", options @ ..] => bench::run(options),
        ["counts"] => counts::check(),
        ["counts", "--keep"] => counts::keep(),
        ["fuzz", plan @ ..] => fuzz::run(plan),
        ["autobahn"] | ["autobahn", "server"] => autobahn::run(Role::Server),
        ["autobahn", "client"] => autobahn::run(Role::Client),
        _ => Err(Failure::new(format!(
            "cannot read `{}`; the verbs are:\n\n{USAGE}",
            words.join(" ")
        ))),
    }
}

/// Every verb works from the root of the repository, wherever it was called.
fn enter_root() -> Outcome {
    let Some(package) = env::var_os("CARGO_MANIFEST_DIR") else {
        return Err(Failure::new("started without cargo; run `cargo xtask`"));
    };
    let root = Path::new(&package).join("..");
    env::set_current_dir(&root).map_err(|cause| Failure::io("enter", &root, &cause))
}
