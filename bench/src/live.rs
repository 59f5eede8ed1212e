//! Live: what it costs that every write of a row is told to all who watch, beside the same by hand on axum.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use bench::{Arguments, Failure, Outcome};
use serde_json::{Map, Value};

use crate::cores::Cores;
use crate::ratio::Spread;
use crate::table::short;
use crate::trial::{Running, await_listening, free_port};
use crate::workshop::Workshop;

pub(crate) const USAGE: &str = "\
cargo xtask bench live [options]

  --scenarios a,b  which of all, departments, wide, nobody; all four unless told otherwise
  --writers N      clients of HTTP, each with one write under way; 16 unless told otherwise
  --reps N         repetitions, each with a new server and file; 3 unless told otherwise
  --secs S         of measuring in each run; 2 unless told otherwise
  --cores S,L      the cores of server and load generator; the first two that may be used unless told otherwise
  --folder FOLDER  where the servers have their files; /dev/shm, which is memory, unless told otherwise";

/// Memory, so that the servers are measured and not how long a disk takes to keep what it is given, for both alike.
const FOLDER: &str = "/dev/shm";

/// Who watches.
struct Scenario {
    name: &'static str,
    title: &'static str,
    /// What the load generator is told, and what it is told besides of a server that has filters.
    words: &'static str,
    filters: &'static str,
}

const SCENARIOS: [Scenario; 4] = [
    Scenario {
        name: "all",
        title: "1,000 subscribers",
        words: "--subscribers 1000",
        filters: "",
    },
    Scenario {
        name: "departments",
        title: "1,000 over 20 filters, a write concerns 50",
        words: "--subscribers 1000",
        filters: "--filters departments",
    },
    Scenario {
        name: "wide",
        title: "1,000 over 20 filters, a write concerns all",
        words: "--subscribers 1000",
        filters: "--filters wide",
    },
    Scenario {
        name: "nobody",
        title: "nobody",
        words: "--subscribers 0",
        filters: "",
    },
];

/// What is compared: a figure's name, its title, and by how much it is divided.
const FIGURES: [(&str, &str, f64); 5] = [
    ("messages_per_s", "writes/s", 1.0),
    ("cpu_ns", "CPU of a write with all deliveries, us", 1e3),
    (
        "delivery_cpu_ns",
        "the same in parts of its deliveries, ns",
        1.0,
    ),
    ("p50_us", "until the last has heard, p50, us", 1.0),
    ("p99_us", "until the last has heard, p99, us", 1.0),
];

/// A server, and whether it has subscriptions and filters. The first of two is ours.
struct Contender {
    program: PathBuf,
    subscribes: bool,
}

struct Plan {
    scenarios: Vec<&'static Scenario>,
    writers: usize,
    repetitions: usize,
    seconds: f64,
    cores: Cores,
    folder: PathBuf,
}

type Figures = Map<String, Value>;

#[expect(
    clippy::print_stdout,
    reason = "a command line tool speaks by printing"
)]
pub(crate) fn run(mut arguments: Arguments) -> Outcome {
    let folder = arguments.option("--folder")?;
    let plan = Plan {
        scenarios: select(arguments.list("--scenarios")?)?,
        writers: arguments.option("--writers")?.unwrap_or(16).max(1),
        repetitions: arguments.option("--reps")?.unwrap_or(3).max(1),
        seconds: arguments.option("--secs")?.unwrap_or(2.0),
        cores: Cores::choose(arguments.list("--cores")?)?,
        folder: folder.unwrap_or_else(|| FOLDER.into()),
    };
    arguments.end(USAGE)?;
    let workshop = Workshop::build()?;
    let ours = Contender {
        program: workshop.build_live()?,
        subscribes: true,
    };
    let theirs = Contender {
        program: workshop.build_live_peer()?,
        subscribes: false,
    };
    let (cores, folder) = (plan.cores.told(), plan.folder.display());
    println!("\n{cores}; files in {folder}\n");
    println!("| who watches | | sockeye | by hand on axum | ours / theirs |");
    println!("|---|---|---:|---:|---:|");
    for scenario in &plan.scenarios {
        let mut runs = [Vec::new(), Vec::new()];
        for repetition in 0..plan.repetitions {
            // The machine drifts, and who is first is slowest.
            let mut turn = [(0, &ours), (1, &theirs)];
            turn.rotate_left(repetition % 2);
            for (at, contender) in turn {
                runs[at].push(plan.run_once(&workshop, scenario, contender)?);
            }
        }
        let [ours, theirs] = &runs;
        for line in lines(scenario, ours, theirs) {
            println!("{line}");
        }
    }
    Ok(())
}

fn select(names: Option<Vec<String>>) -> Outcome<Vec<&'static Scenario>> {
    let Some(names) = names else {
        return Ok(SCENARIOS.iter().collect());
    };
    let find = |name: &String| {
        let found = SCENARIOS.iter().find(|scenario| scenario.name == name);
        found.ok_or_else(|| Failure::new(format!("no scenario `{name}`\n\n{USAGE}")))
    };
    names.iter().map(find).collect()
}

impl Plan {
    fn run_once(
        &self,
        workshop: &Workshop,
        scenario: &Scenario,
        contender: &Contender,
    ) -> Outcome<Figures> {
        let folder = Folder::make(&self.folder)?;
        let port = free_port()?;
        let file = folder.0.join("products.db");
        let words = [
            contender.program.display().to_string(),
            port.to_string(),
            file.display().to_string(),
        ];
        let mut server = self.cores.server(&words);
        server.stdin(Stdio::null()).stdout(Stdio::null());
        let server = server.spawn().map_err(Failure::of("start the server"))?;
        let mut server = Running::new(server);
        await_listening(&mut server, port)?;
        let mut words = vec!["live".to_owned()];
        words.extend(scenario.words.split_whitespace().map(str::to_owned));
        match contender.subscribes {
            true => words.extend(scenario.filters.split_whitespace().map(str::to_owned)),
            false => words.push("--unasked".to_owned()),
        }
        words.extend(["--writers".to_owned(), self.writers.to_string()]);
        let server = (port, server.id());
        self.cores
            .measure(&workshop.load, &words, server, self.seconds)
    }
}

/// A folder that is gone with its value.
struct Folder(PathBuf);

impl Folder {
    fn make(place: &Path) -> Outcome<Self> {
        let folder = place.join(format!("live-{}", std::process::id()));
        let made = fs::create_dir_all(&folder);
        made.map_err(Failure::of(format!("make {}", folder.display())))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, which clears its folder of memory.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn lines(scenario: &Scenario, ours: &[Figures], theirs: &[Figures]) -> Vec<String> {
    let lines = FIGURES.into_iter().filter_map(|(name, title, by)| {
        let of = |run: &Figures| Some(run.get(name)?.as_f64()? / by);
        let spread = |runs: &[Figures]| Spread::of(runs.iter().filter_map(of).collect());
        let pairs = ours.iter().zip(theirs);
        let ratios = pairs.filter_map(|(our, their)| Some(of(our)? / of(their)?));
        let (our, their) = (spread(ours)?, spread(theirs)?);
        let ratio = Spread::of(ratios.collect())?;
        let [our, their] = [our, their].map(|spread| cell(spread, |figure| format!("{figure:.0}")));
        let (who, ratio) = (scenario.title, cell(ratio, short));
        Some(format!("| {who} | {title} | {our} | {their} | {ratio} |"))
    });
    lines.collect()
}

/// The middle, and in brackets the least and the most.
fn cell(spread: Spread, show: impl Fn(f64) -> String) -> String {
    let [median, min, max] = [spread.median, spread.min, spread.max].map(show);
    format!("{median} ({min}-{max})")
}
