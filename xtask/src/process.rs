//! A running process: its output, its memory, its end.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use crate::step::Step;

/// Lines that wait for their reader; the process is held up when there are more.
const LINES_MAX: usize = 64;

/// A process that is ended when this goes out of scope.
pub(crate) struct Background(Child);

impl Background {
    pub(crate) fn new(child: Child) -> Self {
        Self(child)
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether the process is still running.
    pub(crate) fn alive(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    /// What the process prints, line by line, when it was started with a pipe; read on without a reader, so that it can always print more.
    pub(crate) fn lines(&mut self) -> Receiver<String> {
        let (line_sender, lines) = mpsc::sync_channel(LINES_MAX);
        let stdout = self.0.stdout.take().map(BufReader::new);
        let printed = stdout
            .into_iter()
            .flat_map(BufRead::lines)
            .map_while(Result::ok);
        thread::spawn(move || printed.for_each(|line| drop(line_sender.send(line))));
        lines
    }

    /// Resident memory in KiB, `None` when the process is gone.
    pub(crate) fn resident_kib(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Both fail only when the process has already ended, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Ends a process and all that it has started.
pub(crate) fn end_family(id: u32) {
    let mut family = vec![id.to_string()];
    let mut next = 0;
    while let Some(parent) = family.get(next) {
        // A stopped process cannot start another one while its children are listed.
        signal("STOP", &[parent]);
        let children = format!("/proc/{parent}/task/{parent}/children");
        let children = fs::read_to_string(children).unwrap_or_default();
        family.extend(children.split_whitespace().map(str::to_owned));
        next += 1;
    }
    let family: Vec<&str> = family.iter().map(String::as_str).collect();
    signal("KILL", &family);
}

/// Every shell has `kill`; the program of that name is not on every machine.
fn signal(name: &str, ids: &[&str]) {
    let script = format!("kill -s {name} {}", ids.join(" "));
    // It fails for processes that have already ended, which is what is wanted.
    Step::new("sh", &["-c", &script]).succeeds();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Background {
        Step::new("sh", &["-c", script])
            .piped()
            .background()
            .unwrap()
    }

    #[test]
    fn the_family_of_a_process_ends_with_it() {
        let mut parent = shell("(sleep 600; echo survived) & echo started; wait");
        let lines = parent.lines();
        assert_eq!(lines.recv().unwrap(), "started");
        end_family(parent.id());
        assert_eq!(lines.iter().collect::<Vec<_>>(), Vec::<String>::new());
    }

    #[test]
    fn a_process_is_alive_until_it_ends() {
        let mut reader = shell("echo started; sleep 600");
        assert_eq!(reader.lines().recv().unwrap(), "started");
        assert!(reader.alive());
        assert!(reader.resident_kib().unwrap() > 0);
        end_family(reader.id());
        reader.0.wait().unwrap();
        assert!(!reader.alive());
        assert_eq!(reader.resident_kib(), None);
    }
}
