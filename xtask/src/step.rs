//! One command of a verb: shown, bounded in time, explained when it fails.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::failure::{Failure, Outcome};
use crate::process::{self, Background};

/// Long enough to build the workspace from nothing on two slow cores.
const DEFAULT_LIMIT: Duration = Duration::from_secs(20 * 60);

/// A command with a time limit. It reads no input.
pub(crate) struct Step {
    command: Command,
    limit: Duration,
}

impl Step {
    pub(crate) fn new(program: impl AsRef<Path>, arguments: &[&str]) -> Self {
        let mut command = Command::new(program.as_ref());
        command.args(arguments).stdin(Stdio::null());
        Self {
            command,
            limit: DEFAULT_LIMIT,
        }
    }

    pub(crate) fn cargo(arguments: &[&str]) -> Self {
        Self::new("cargo", arguments)
    }

    #[must_use]
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it in another folder than ours.
    #[must_use]
    pub(crate) fn inside(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    #[must_use]
    pub(crate) fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Sends what the command prints to a file instead of the terminal.
    pub(crate) fn log(mut self, path: &Path) -> Outcome<Self> {
        let failed = |cause| Failure::io("write", path, &cause);
        let log = File::create(path).map_err(failed)?;
        self.command.stdout(log.try_clone().map_err(failed)?);
        self.command.stderr(log);
        Ok(self)
    }

    /// Runs the command to its end; anything but success is a failure.
    pub(crate) fn run(self) -> Outcome {
        println!("\n$ {}", self.shown());
        self.run_unseen()
    }

    /// The same without a word of the command itself.
    pub(crate) fn run_unseen(mut self) -> Outcome {
        let status = self.finish(|mut child| child.wait())?;
        self.succeeded(status)
    }

    /// Runs the command and gives what it printed to its standard output.
    pub(crate) fn output(mut self) -> Outcome<String> {
        self.command.stdout(Stdio::piped());
        let output = self.finish(Child::wait_with_output)?;
        self.succeeded(output.status)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Whether the command can be run and succeeds, without a word of output.
    pub(crate) fn succeeds(mut self) -> bool {
        self.command.stdout(Stdio::null()).stderr(Stdio::null());
        let status = self.finish(|mut child| child.wait());
        status.is_ok_and(|status| status.success())
    }

    /// Keeps what the command prints for the one who holds it in the background.
    #[must_use]
    pub(crate) fn piped(mut self) -> Self {
        self.command.stdout(Stdio::piped());
        self
    }

    /// Starts the command and leaves it running.
    pub(crate) fn background(mut self) -> Outcome<Background> {
        println!("\n$ {} &", self.shown());
        self.spawn().map(Background::new)
    }

    /// Starts the command and waits for it; past the limit it is ended, with all that it has started.
    fn finish<T: Send + 'static>(
        &mut self,
        wait: impl FnOnce(Child) -> io::Result<T> + Send + 'static,
    ) -> Outcome<T> {
        let child = self.spawn()?;
        let id = child.id();
        let (ended, end) = mpsc::sync_channel(1);
        thread::spawn(move || {
            // The receiver is gone only after the limit, when nobody asks for the result any more.
            let _ = ended.send(wait(child));
        });
        let shown = self.shown();
        if let Ok(result) = end.recv_timeout(self.limit) {
            return result
                .map_err(|cause| Failure::new(format!("cannot wait for `{shown}`: {cause}")));
        }
        process::end_family(id);
        let seconds = self.limit.as_secs();
        Err(Failure::new(format!(
            "`{shown}` was ended after {seconds} s, its limit"
        )))
    }

    fn spawn(&mut self) -> Outcome<Child> {
        let child = self.command.spawn();
        child.map_err(|cause| Failure::new(format!("cannot start `{}`: {cause}", self.shown())))
    }

    fn succeeded(&self, status: ExitStatus) -> Outcome {
        if status.success() {
            return Ok(());
        }
        let shown = self.shown();
        Err(Failure::new(format!("`{shown}` failed: {status}")))
    }

    /// As one would write it in a shell.
    pub(crate) fn shown(&self) -> String {
        let variables = self.command.get_envs().filter_map(|(name, value)| {
            let value = value?.to_string_lossy();
            Some(format!("{}='{value}'", name.to_string_lossy()))
        });
        let words = [self.command.get_program()].into_iter();
        let words = words.chain(self.command.get_args());
        let words = words.map(|word| word.to_string_lossy().into_owned());
        variables.chain(words).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_is_named_with_its_status() {
        let failure = Step::new("sh", &["-c", "exit 3"]).run().unwrap_err();
        assert_eq!(failure.to_string(), "`sh -c exit 3` failed: exit status: 3");
    }

    #[test]
    fn a_missing_program_is_named() {
        let failure = Step::new("no-such-program", &[]).run().unwrap_err();
        let failure = failure.to_string();
        assert!(failure.starts_with("cannot start `no-such-program`"));
    }

    #[test]
    fn a_command_past_its_limit_is_ended_and_named() {
        let endless = Step::new("sh", &["-c", "sleep 600"]);
        let failure = endless.within(Duration::from_secs(0)).run().unwrap_err();
        let expected = "`sh -c sleep 600` was ended after 0 s, its limit";
        assert_eq!(failure.to_string(), expected);
    }

    #[test]
    fn output_is_what_the_command_printed() {
        let output = Step::new("echo", &["one", "two"]).output().unwrap();
        assert_eq!(output, "one two\n");
    }
}
