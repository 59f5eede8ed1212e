//! The process that is measured: its processor time and its memory, as Linux counts them.

use std::fs;
use std::path::PathBuf;

use bench::{Failure, Outcome};

/// A running server.
#[derive(Debug)]
pub(crate) struct Server(u32);

impl Server {
    /// The process with this id, which must be alive.
    pub(crate) fn new(pid: u32) -> Outcome<Self> {
        let server = Self(pid);
        server.cpu_ns()?;
        Ok(server)
    }

    /// Processor time of all its threads so far, in nanoseconds: the scheduler's own count, in which the kernel's work
    /// inside system calls is contained. What a thread used that has ended since is lost.
    pub(crate) fn cpu_ns(&self) -> Outcome<u64> {
        let folder = self.file("task");
        let attempt = || format!("read {}", folder.display());
        let threads = fs::read_dir(&folder).map_err(Failure::of(attempt()))?;
        let mut sum = 0;
        for thread in threads {
            let thread = thread.map_err(Failure::of(attempt()))?;
            // A thread may end between the listing and the reading.
            let Ok(text) = fs::read_to_string(thread.path().join("schedstat")) else {
                continue;
            };
            let first = text
                .split_whitespace()
                .next()
                .and_then(|word| word.parse::<u64>().ok());
            sum += first.ok_or_else(|| Failure::new(format!("cannot read schedstat `{text}`")))?;
        }
        Ok(sum)
    }

    /// Memory that is resident now, in bytes.
    pub(crate) fn resident_bytes(&self) -> Outcome<u64> {
        let path = self.file("smaps_rollup");
        let text = fs::read_to_string(&path);
        let text = text.map_err(Failure::of(format!("read {}", path.display())))?;
        let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        let kib = kib.ok_or_else(|| Failure::new(format!("no `Rss:` in {}", path.display())))?;
        Ok(kib * 1024)
    }

    fn file(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_memory_of_a_process_grow_with_its_use() {
        let server = Server::new(std::process::id()).unwrap();
        let (time, memory) = (server.cpu_ns().unwrap(), server.resident_bytes().unwrap());
        let block = std::hint::black_box(vec![1_u8; 64 << 20]);
        assert!(server.resident_bytes().unwrap() >= memory + (32 << 20));
        assert!(server.cpu_ns().unwrap() > time);
        drop(block);
    }

    #[test]
    fn a_process_that_is_not_there_is_refused() {
        assert!(Server::new(u32::MAX).is_err());
    }
}
