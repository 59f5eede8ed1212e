//! Bench: runs our server and its peers side by side, and shows what ours takes in parts of theirs.

#![forbid(unsafe_code)]

mod campaign;
mod contender;
mod cores;
mod javascript;
mod live;
mod machine;
mod nodes;
mod picture;
mod ratio;
mod scenario;
mod table;
mod trial;
mod workshop;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bench::{Arguments, Failure, Outcome};

use crate::campaign::Campaign;
use crate::contender::Contender;
use crate::cores::Cores;
use crate::machine::Machine;
use crate::ratio::Row;
use crate::scenario::Scenario;
use crate::trial::{Sample, Trial};
use crate::workshop::Workshop;

const USAGE: &str = "\
cargo xtask bench [options]

  --peers a,b        which of axum, tungstenite, fastwebsockets, tokio-websockets, bun, ws; all unless told otherwise
  --scenarios a,b    which of the rows of bench/README.md; a short selection unless told otherwise, `all` for all
  --reps N           repetitions, each in another order; 3 unless told otherwise
  --secs S           of measuring in each run; 1.5 unless told otherwise
  --cores S,L        the cores of server and load generator; the first two that may be used unless told otherwise
  --out FOLDER       where the picture, the table and the runs are written; target/bench unless told otherwise";

/// What was asked for.
struct Plan {
    peers: Option<Vec<String>>,
    scenarios: Vec<&'static Scenario>,
    repetitions: usize,
    seconds: f64,
    cores: Cores,
    out: PathBuf,
}

impl Plan {
    fn read(mut arguments: Arguments) -> Outcome<Self> {
        let plan = Self {
            peers: arguments.list("--peers")?,
            scenarios: scenario::select(arguments.list("--scenarios")?)?,
            repetitions: arguments.option("--reps")?.unwrap_or(3).max(1),
            seconds: arguments.option("--secs")?.unwrap_or(1.5),
            cores: Cores::choose(arguments.list("--cores")?)?,
            out: arguments
                .option("--out")?
                .unwrap_or_else(|| "target/bench".into()),
        };
        arguments.end(USAGE)?;
        Ok(plan)
    }
}

#[expect(
    clippy::print_stdout,
    reason = "a command line tool speaks by printing"
)]
fn start(mut arguments: Arguments) -> Outcome {
    enter_root()?;
    if let Some(word) = arguments.word() {
        return match word.as_str() {
            "live" => live::run(arguments),
            "nodes" => nodes::run(arguments),
            other => Err(Failure::new(format!(
                "no `{other}`\n\n{USAGE}\n\n{}\n\n{}",
                nodes::USAGE,
                live::USAGE
            ))),
        };
    }
    let plan = Plan::read(arguments)?;
    let workshop = Workshop::build()?;
    let contenders = contender::all(&workshop, plan.peers.as_deref())?;
    let machine = Machine::look(&plan.cores);
    println!("\n{machine}");
    let campaign = Campaign {
        trial: Trial {
            load: &workshop.load,
            cores: &plan.cores,
            seconds: plan.seconds,
        },
        scenarios: &plan.scenarios,
        contenders: &contenders,
        repetitions: plan.repetitions,
    };
    let samples = campaign.run();
    let rows = ratio::rows(&plan.scenarios, &contenders, &samples);
    let table = table::markdown(&contenders, &rows);
    println!("\n{table}");
    write(&plan, &machine, &contenders, (&samples, &rows))
}

#[expect(
    clippy::print_stdout,
    reason = "a command line tool speaks by printing"
)]
fn write(
    plan: &Plan,
    machine: &Machine,
    contenders: &[Contender],
    (samples, rows): (&[Sample], &[Row]),
) -> Outcome {
    let attempt = |path: &Path| Failure::of::<std::io::Error>(format!("write {}", path.display()));
    fs::create_dir_all(&plan.out).map_err(attempt(&plan.out))?;
    let mut lines = vec![machine.json().to_string()];
    lines.extend(samples.iter().map(|sample| sample.json().to_string()));
    let table = format!("{}\n{machine}\n", table::markdown(contenders, rows));
    let files = [
        ("ratios.svg", picture::svg(contenders, rows, machine)),
        ("ratios.md", table),
        ("runs.jsonl", lines.join("\n") + "\n"),
    ];
    for (name, text) in files {
        let path = plan.out.join(name);
        fs::write(&path, text).map_err(attempt(&path))?;
        println!("{}", path.display());
    }
    Ok(())
}

/// Paths are told from the root of the repository, wherever this was called.
fn enter_root() -> Outcome {
    let Some(package) = std::env::var_os("CARGO_MANIFEST_DIR") else {
        return Err(Failure::new(
            "started without cargo; run `cargo xtask bench`",
        ));
    };
    let root = Path::new(&package).join("..");
    std::env::set_current_dir(&root).map_err(Failure::of(format!("enter {}", root.display())))
}

fn main() -> ExitCode {
    bench::run("bench", start)
}
