//! The start and the end of a program of the benchmark.

use std::process::ExitCode;

use crate::arguments::Arguments;
use crate::failure::Outcome;

/// Runs `main` on the words of the command line; a failure is told on the standard error output.
#[expect(
    clippy::print_stderr,
    reason = "a command line tool speaks by printing"
)]
pub fn run(name: &str, main: impl FnOnce(Arguments) -> Outcome) -> ExitCode {
    match main(Arguments::of_process()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{name}: {failure}");
            ExitCode::FAILURE
        }
    }
}
