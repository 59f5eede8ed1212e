//! Trial: one run of the load generator against one fresh server.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bench::{Failure, Outcome};
use serde_json::{Map, Value, json};

use crate::contender::Contender;
use crate::cores::Cores;
use crate::scenario::Scenario;

/// How long a server may take to listen: an interpreter has to start, too.
const START: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);

/// How a run is done.
pub(crate) struct Trial<'a> {
    pub(crate) load: &'a Path,
    pub(crate) cores: &'a Cores,
    pub(crate) seconds: f64,
}

/// What one run found.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) scenario: &'static str,
    pub(crate) contender: &'static str,
    pub(crate) repetition: usize,
    figures: Map<String, Value>,
}

impl Sample {
    pub(crate) fn new(
        scenario: &Scenario,
        contender: &Contender,
        repetition: usize,
        figures: Map<String, Value>,
    ) -> Self {
        Self {
            scenario: scenario.name,
            contender: contender.name,
            repetition,
            figures,
        }
    }

    /// A figure, where it can be a part or a whole of a ratio.
    pub(crate) fn figure(&self, name: &str) -> Option<f64> {
        let figure = self.figures.get(name)?.as_f64()?;
        (figure > 0.0).then_some(figure)
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "scenario": self.scenario,
            "server": self.contender,
            "repetition": self.repetition,
            "figures": self.figures,
        })
    }
}

/// A server that ends with its run.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn new(child: Child) -> Self {
        Self(child)
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Trial<'_> {
    pub(crate) fn run(
        &self,
        scenario: &Scenario,
        contender: &Contender,
    ) -> Outcome<Map<String, Value>> {
        let port = free_port()?;
        let mut words = contender.words.clone();
        words.push(port.to_string());
        let mut server = self.cores.server(&words);
        server.stdin(Stdio::null()).stdout(Stdio::null());
        let server = server.spawn().map_err(Failure::of("start the server"))?;
        let mut server = Running(server);
        await_listening(&mut server, port)?;
        let words = scenario.words.split_whitespace().map(str::to_owned);
        let words: Vec<_> = words.collect();
        self.cores
            .measure(self.load, &words, (port, server.id()), self.seconds)
    }
}

/// A port that nobody listens on now. Every server takes its port as an argument, so it has to be known before.
pub(crate) fn free_port() -> Outcome<u16> {
    let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    Ok(port.map_err(Failure::of("find a free port"))?.port())
}

#[expect(clippy::disallowed_methods, reason = "there is no shard here to stall")]
pub(crate) fn await_listening(server: &mut Running, port: u16) -> Outcome {
    let begin = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if let Ok(Some(status)) = server.0.try_wait() {
            return Err(Failure::new(format!(
                "the server ended before it listened: {status}"
            )));
        }
        if begin.elapsed() > START {
            return Err(Failure::new("the server did not listen within 10 s"));
        }
        thread::sleep(LOOK);
    }
    Ok(())
}
