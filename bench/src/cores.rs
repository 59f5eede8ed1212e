//! Cores: where the server and the load generator run, apart from each other.

use std::fs;
use std::path::Path;
use std::process::Command;

use bench::{Failure, Outcome};
use serde_json::{Map, Value};

/// A server on one core is what is measured; the load generator needs another, on which it spins.
#[derive(Debug)]
pub(crate) struct Cores {
    /// Those of the server and of the generator, where processes can be pinned.
    pair: Option<(usize, usize)>,
    /// Why not, in words for who reads the results.
    pub(crate) note: Option<&'static str>,
    /// Whether the generator must sleep, because there is no core for it alone.
    pub(crate) shared: bool,
}

/// Servers and generator hold ten thousand sockets: as many files as this user may have.
const LIMITS: &str = "ulimit -n \"$(ulimit -H -n)\" && exec \"$@\"";

impl Cores {
    /// The two that are named, or the first two that this process may use.
    pub(crate) fn choose(named: Option<Vec<String>>) -> Outcome<Self> {
        let allowed = allowed();
        let cores: Vec<usize> = match named {
            Some(words) => words
                .iter()
                .map(|word| {
                    word.parse()
                        .map_err(Failure::of(format!("read core `{word}`")))
                })
                .collect::<Outcome<_>>()?,
            None => allowed.iter().copied().take(2).collect(),
        };
        if let Some(core) = cores.iter().find(|core| !allowed.contains(core)) {
            return Err(Failure::new(format!(
                "core {core} is none of those that may be used: {allowed:?}"
            )));
        }
        let shared = allowed.len() < 2;
        let note = match (shared, has_taskset()) {
            (true, _) => Some(
                "one core for both: the load generator sleeps between events, and the server pays for its wakes",
            ),
            (_, false) => Some(
                "NOT PINNED: there is no `taskset` (util-linux), so figures vary more, and servers use all cores",
            ),
            _ => None,
        };
        let pair = match cores[..] {
            [server, load] if note.is_none() => Some((server, load)),
            _ => None,
        };
        if pair.is_none() && note.is_none() {
            return Err(Failure::new("name two cores: `--cores 0,1`"));
        }
        Ok(Self { pair, note, shared })
    }

    /// A command that runs `words` on the server's core.
    pub(crate) fn server(&self, words: &[String]) -> Command {
        command(self.pair.map(|pair| pair.0), words)
    }

    /// A command that runs `words` on the load generator's core.
    pub(crate) fn load(&self, words: &[String]) -> Command {
        command(self.pair.map(|pair| pair.1), words)
    }

    /// Runs the load generator against the server of process `pid`, and gives its figures.
    pub(crate) fn measure(
        &self,
        load: &Path,
        words: &[String],
        (port, pid): (u16, u32),
        seconds: f64,
    ) -> Outcome<Map<String, Value>> {
        let mut command = vec![load.display().to_string()];
        command.extend_from_slice(words);
        let server = format!("--port {port} --pid {pid} --secs {seconds}");
        command.extend(server.split(' ').map(str::to_owned));
        if self.shared {
            command.push("--sleep".to_owned());
        }
        let output = self.load(&command).output();
        let output = output.map_err(Failure::of("start the load generator"))?;
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(error.trim().to_owned()));
        }
        serde_json::from_slice(&output.stdout)
            .map_err(Failure::of("read the load generator's figures"))
    }

    pub(crate) fn told(&self) -> String {
        match (self.pair, self.note) {
            (Some((server, load)), _) => {
                format!("server on core {server}, load generator on core {load}")
            }
            (None, note) => note.unwrap_or_default().to_owned(),
        }
    }
}

fn command(core: Option<usize>, words: &[String]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", LIMITS, "sh"]);
    if let Some(core) = core {
        command.args(["taskset", "-c", &core.to_string()]);
    }
    command.args(words);
    command
}

fn has_taskset() -> bool {
    let version = Command::new("taskset").arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

/// The cores that this process may use, as the kernel lists them.
fn allowed() -> Vec<usize> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    list.map(|list| numbers(list.trim())).unwrap_or_default()
}

/// The numbers of a list such as `0-2,5`.
fn numbers(list: &str) -> Vec<usize> {
    let ranges = list.split(',').filter_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some(first.parse::<usize>().ok()?..=last.parse().ok()?)
    });
    ranges.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_list_of_cores_is_read() {
        assert_eq!(numbers("0-2,5"), [0, 1, 2, 5]);
        assert_eq!(numbers("3"), [3]);
        assert_eq!(numbers(""), [0; 0]);
    }

    #[test]
    fn a_core_that_may_not_be_used_is_refused() {
        let named = Some(vec!["99999".to_owned(), "0".to_owned()]);
        assert!(Cores::choose(named).is_err());
    }
}
