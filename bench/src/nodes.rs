//! Nodes: what it costs that a publish comes from another node, beside one that comes from the same.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bench::{Arguments, Failure, Outcome};
use fixtures::{Nats, Redis};
use serde_json::{Map, Value};
use tokio::runtime::Builder;

use crate::cores::Cores;
use crate::trial::{Running, await_listening, free_port};
use crate::workshop::Workshop;

pub(crate) const USAGE: &str = "\
cargo xtask bench nodes [options]

  --ways a,b     which of redis, nats, and kit: axum-realtime-kit over Redis; all unless told otherwise
  --reps N       repetitions, each with new nodes; 3 unless told otherwise
  --secs S       of measuring in each run; 2 unless told otherwise
  --cores S,L    the cores of the receiving node and of all else; the first two that may be used unless told otherwise";

/// What the nodes are put through: what it is called, how many members there are, how many of them are with the publisher on
/// the other node, where there is one, and the rest. All else are on the node that is measured; on one node alone there are
/// as many as on that.
struct Scenario {
    title: &'static str,
    members: usize,
    elsewhere: usize,
    words: &'static str,
}

const fn scenario(
    title: &'static str,
    members: usize,
    elsewhere: usize,
    words: &'static str,
) -> Scenario {
    Scenario {
        title,
        members,
        elsewhere,
        words,
    }
}

const SCENARIOS: [Scenario; 6] = [
    // Paced alike: one node alone would never rest, and who rests between publishes finds its caches cold.
    scenario(
        "1,000 members on each node, 40 a second",
        2000,
        1000,
        "--window 1 --rate 40",
    ),
    scenario("fan-out to 1,000", 1001, 1, "--window 1"),
    scenario("fan-out to 1,000, 16 under way", 1001, 1, "--window 16"),
    scenario("one at a time to one member", 2, 1, "--window 1"),
    scenario("1,024 under way to one member", 2, 1, "--window 1024"),
    scenario(
        "1,000 a second to one member",
        2,
        1,
        "--window 1024 --rate 1000",
    ),
];

impl Scenario {
    /// The words for the load generator.
    fn words(&self, is_alone: bool) -> Vec<String> {
        let (members, elsewhere) = (self.members, self.elsewhere);
        let counts = match is_alone {
            true => format!("--members {}", members - elsewhere),
            false => format!("--members {members} --publisher-members {elsewhere}"),
        };
        let words = format!("fanout {counts} {}", self.words);
        words.split_whitespace().map(str::to_owned).collect()
    }
}

struct Plan {
    ways: Vec<String>,
    repetitions: usize,
    seconds: f64,
    cores: Cores,
}

/// How the two nodes reach each other. Ends what it has started.
enum Way {
    /// They are one.
    None,
    Redis(Redis),
    Nats(Nats),
    /// Nodes of axum-realtime-kit: its program, and the Redis at which they meet.
    Kit(PathBuf, Redis),
}

impl Way {
    fn open(name: &str, workshop: &Workshop) -> Outcome<Self> {
        match name {
            "none" => Ok(Self::None),
            "redis" => Ok(Self::Redis(wait(Redis::start())?)),
            "nats" => Ok(Self::Nats(wait(Nats::start())?)),
            "kit" => Ok(Self::Kit(kit(workshop)?, wait(Redis::start())?)),
            other => Err(Failure::new(format!(
                "no way `{other}`; there are redis, nats, kit"
            ))),
        }
    }

    /// The command of a node, where it listens on `port`.
    fn node(&self, serve: &Path, port: u16) -> Vec<String> {
        let program = match self {
            Self::Kit(kit, _) => kit,
            Self::None | Self::Redis(_) | Self::Nats(_) => serve,
        };
        let mut words = vec![program.display().to_string(), port.to_string()];
        words.extend(self.words());
        words
    }

    fn words(&self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::Redis(redis) => vec!["--redis".to_owned(), redis.url()],
            Self::Nats(nats) => vec!["--nats".to_owned(), nats.url()],
            Self::Kit(_, redis) => vec![redis.url()],
        }
    }
}

#[expect(
    clippy::print_stdout,
    reason = "a command line tool speaks by printing"
)]
pub(crate) fn run(mut arguments: Arguments) -> Outcome {
    let ways = arguments.list("--ways")?;
    let all = || ["redis", "nats", "kit"].map(str::to_owned).to_vec();
    let plan = Plan {
        ways: ways.unwrap_or_else(all),
        repetitions: arguments.option("--reps")?.unwrap_or(3).max(1),
        seconds: arguments.option("--secs")?.unwrap_or(2.0),
        cores: Cores::choose(arguments.list("--cores")?)?,
    };
    arguments.end(USAGE)?;
    let workshop = Workshop::build()?;
    println!("\n{}\n", plan.cores.told());
    println!(
        "| | by | CPU of the receiving node for each delivery, ns | in parts of one node | deliveries/s | p50, us | p99, us |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|");
    for scenario in SCENARIOS {
        let mut alone = Vec::new();
        let mut rows: Vec<Vec<Map<String, Value>>> = vec![Vec::new(); plan.ways.len()];
        for _ in 0..plan.repetitions {
            alone.push(plan.run_once(&workshop, "none", &scenario)?);
            for (row, way) in rows.iter_mut().zip(&plan.ways) {
                row.push(plan.run_once(&workshop, way, &scenario)?);
            }
        }
        let title = scenario.title;
        println!("{}", row(title, "none", &alone, &alone));
        for (runs, way) in rows.iter().zip(&plan.ways) {
            println!("{}", row(title, way, runs, &alone));
        }
    }
    Ok(())
}

impl Plan {
    fn run_once(
        &self,
        workshop: &Workshop,
        way: &str,
        scenario: &Scenario,
    ) -> Outcome<Map<String, Value>> {
        let way = Way::open(way, workshop)?;
        let (port, receiving) = start(&workshop.serve, &way, |words| self.cores.server(words))?;
        let mut words = scenario.words(matches!(way, Way::None));
        words.extend(["--settle", "0.5"].map(str::to_owned));
        if !self.cores.shared {
            // It never has a core of its own: broker and publishing node are there too.
            words.push("--sleep".to_owned());
        }
        if matches!(way, Way::Kit(..)) {
            // It sends each message to each member by a task of its own.
            words.push("--unordered".to_owned());
        }
        // Ends when all is measured.
        let mut _publishing = None;
        if !matches!(way, Way::None) {
            let (port, server) = start(&workshop.serve, &way, |words| self.cores.load(words))?;
            words.extend(["--publisher-port".to_owned(), port.to_string()]);
            _publishing = Some(server);
        }
        let server = (port, receiving.id());
        self.cores
            .measure(&workshop.load, &words, server, self.seconds)
    }
}

fn start(
    serve: &Path,
    way: &Way,
    command: impl Fn(&[String]) -> Command,
) -> Outcome<(u16, Running)> {
    let port = free_port()?;
    let mut server = command(&way.node(serve, port));
    server.stdin(Stdio::null()).stdout(Stdio::null());
    let server = server.spawn().map_err(Failure::of("start a node"))?;
    let mut server = Running::new(server);
    await_listening(&mut server, port)?;
    Ok((port, server))
}

/// The program of axum-realtime-kit, built now if it was not.
fn kit(workshop: &Workshop) -> Outcome<PathBuf> {
    let program = workshop.build_peers()?.remove("realtime-kit");
    program.ok_or_else(|| Failure::new("cargo built no program `realtime-kit`"))
}

/// Waits for a broker to start.
fn wait<T>(start: impl Future<Output = T>) -> Outcome<T> {
    let runtime = Builder::new_current_thread().enable_all().build();
    Ok(runtime
        .map_err(Failure::of("start a runtime"))?
        .block_on(start))
}

fn row(
    title: &str,
    way: &str,
    runs: &[Map<String, Value>],
    alone: &[Map<String, Value>],
) -> String {
    let of = |name: &str| median(runs.iter().map(|run| figure(run, name)));
    let ratios = runs.iter().zip(alone);
    let ratios = ratios.map(|(run, alone)| figure(run, "cpu_ns") / figure(alone, "cpu_ns"));
    let ratios: Vec<_> = ratios.collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    let ratio = median(ratios.into_iter());
    format!(
        "| {title} | {way} | {:.0} | {ratio:.2} ({least:.2} to {most:.2}) | {:.0} | {:.0} | {:.0} |",
        of("cpu_ns"),
        of("messages_per_s"),
        of("p50_us"),
        of("p99_us"),
    )
}

fn figure(run: &Map<String, Value>, name: &str) -> f64 {
    run.get(name).and_then(Value::as_f64).unwrap_or_default()
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
