//! Window: the time in which is measured, after a warm-up that is not.

use std::time::{Duration, Instant};

use bench::Outcome;
use serde_json::{Map, Value};

use crate::fleet::{Fleet, Script};
use crate::server::Server;

/// What one run found: figures by name, each name ending in its unit.
pub(crate) type Figures = Map<String, Value>;

/// How long to warm up and to measure, and whom.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) warmup: Duration,
    pub(crate) time: Duration,
    /// Whose processor time to read, when it is known.
    pub(crate) server: Option<Server>,
}

impl Window {
    /// Drives `script` through the warm-up and the measured time. `reset` comes between the two, `count` tells how many
    /// messages there were since.
    pub(crate) fn measure<S: Script>(
        &self,
        fleet: &mut Fleet,
        script: &mut S,
        reset: impl Fn(&mut S),
        count: impl Fn(&S) -> u64,
    ) -> Outcome<Figures> {
        fleet.run(script, self.warmup)?;
        reset(script);
        let (begin, before) = (Instant::now(), self.cpu_ns()?);
        fleet.run(script, self.time)?;
        let (wall, after) = (begin.elapsed().as_secs_f64(), self.cpu_ns()?);
        let messages = count(script) as f64;
        let mut figures = Figures::new();
        figures.insert("messages_per_s".to_owned(), (messages / wall).into());
        if let (Some(before), Some(after)) = (before, after) {
            let cpu = after.saturating_sub(before) as f64;
            figures.insert("cpu_ns".to_owned(), (cpu / messages.max(1.0)).into());
            figures.insert("busy_percent".to_owned(), (cpu / wall / 1e7).into());
        }
        Ok(figures)
    }

    fn cpu_ns(&self) -> Outcome<Option<u64>> {
        self.server.as_ref().map(Server::cpu_ns).transpose()
    }
}
