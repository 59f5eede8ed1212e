//! The suite's clients against our server.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use crate::autobahn::in_order;
use crate::autobahn::shard::Shard;
use crate::autobahn::suite::Suite;
use crate::failure::{Failure, Outcome};
use crate::program;
use crate::step::Step;

const START_LIMIT: Duration = Duration::from_secs(30);

/// Messages of 16 MiB come and go; what they took must be given back.
const GROWTH_MAX_KIB: u64 = 64 * 1024;

/// Who tells the server that a socket is ready.
#[derive(Clone, Copy)]
pub(crate) struct Source {
    pub(crate) said: &'static str,
    watch_sockets: &'static str,
}

/// Both have to pass: what goes over TLS or HTTP/2 takes the second.
pub(crate) const SOURCES: [Source; 2] = [
    Source {
        said: "watches its sockets",
        watch_sockets: "1",
    },
    Source {
        said: "leaves its sockets to the runtime",
        watch_sockets: "0",
    },
];

/// Runs all shards against one process of the echo example; gives what is wrong with it at the end, if anything is.
pub(crate) fn play(suite: &Suite, shards: &[Shard], source: Source) -> Outcome<Vec<String>> {
    let echo = program::build("echo", &["-p", "echo"])?;
    let mut server = Step::new(&echo, &["--addr", "127.0.0.1:0"])
        // What the server has given back is to leave the process: by itself, glibc's allocator keeps free blocks of
        // the size of the largest it has seen, a few of which are more than the bound.
        .env("SOCKEYE_WATCH_SOCKETS", source.watch_sockets)
        .env("MALLOC_MMAP_THRESHOLD_", "131072")
        .piped()
        .background()?;
    let url = announced_url(&server.lines())?;
    let before = server.resident_kib().unwrap_or_default();
    in_order(shards, |shard| suite.step(shard, &url)?.run())?;
    let after = server.resident_kib().filter(|_| server.alive());
    Ok(fault(before, after).into_iter().collect())
}

/// Compares the memory before with that after, which a process that has ended does not have.
fn fault(before: u64, after: Option<u64>) -> Option<String> {
    let Some(after) = after else {
        return Some("the server has ended; look above for its last words".to_owned());
    };
    println!("\nserver memory: {before} KiB before, {after} KiB after");
    (after >= before + GROWTH_MAX_KIB).then(|| {
        format!("the server grew from {before} to {after} KiB, {GROWTH_MAX_KIB} or more; look for what it keeps")
    })
}

fn announced_url(lines: &Receiver<String>) -> Outcome<String> {
    let deadline = Instant::now() + START_LIMIT;
    while let Ok(line) = lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        if let Some(url) = url_in(&line) {
            return Ok(url.to_owned());
        }
    }
    Err(Failure::new(format!(
        "the echo example printed no line with `ws://` within {} s",
        START_LIMIT.as_secs()
    )))
}

/// The address in a line such as `listening on ws://127.0.0.1:9001/echo`.
fn url_in(line: &str) -> Option<&str> {
    let words = line.split(|c: char| c.is_whitespace() || "`'\"<>(),".contains(c));
    words.into_iter().find(|word| word.starts_with("ws://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_what_the_server_prints() {
        let url = "ws://127.0.0.1:9001/echo";
        assert_eq!(url_in(&format!("listening on {url}")), Some(url));
        assert_eq!(url_in(&format!("try `{url}` (or a browser)")), Some(url));
        assert_eq!(url_in("listening on 127.0.0.1:9001"), None);
    }

    #[test]
    fn a_server_that_grew_or_ended_is_a_fault() {
        assert_eq!(fault(1_000, Some(1_000 + 65_535)), None);
        assert!(fault(1_000, Some(1_000 + 65_536)).is_some());
        assert!(fault(1_000, None).is_some());
    }
}
