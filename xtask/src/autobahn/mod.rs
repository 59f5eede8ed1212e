//! `cargo xtask autobahn`: the Autobahn test suite against one of our two roles, with a gate that knows no almost.

mod client;
mod gate;
mod install;
mod server;
mod shard;
mod suite;

use std::thread;

use crate::autobahn::gate::{Allowed, Verdict};
use crate::autobahn::shard::Shard;
use crate::autobahn::suite::Suite;
use crate::failure::{Failure, Outcome};

/// Which end of the connection is tested.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    Server,
    Client,
}

/// Runs all shards and judges them; against the server once for each way in which it learns that a socket is ready. The
/// last line says how many cases passed.
pub(crate) fn run(role: Role) -> Outcome {
    let shards = shard::all()?;
    let suite = Suite::new(install::ensure()?, role)?;
    match role {
        Role::Server => server::SOURCES.into_iter().try_for_each(|source| {
            println!("\nthe server {}", source.said);
            let faults = server::play(&suite, &shards, source)?;
            judge(&suite, &shards, &faults)
        }),
        Role::Client => {
            let faults = client::play(&suite, &shards)?;
            judge(&suite, &shards, &faults)
        }
    }
}

fn judge(suite: &Suite, shards: &[Shard], faults: &[String]) -> Outcome {
    let allowed = gate::allowed()?;
    let verdicts: Vec<_> = shards
        .iter()
        .map(|shard| Ok(gate::judge(shard, &suite.report(shard)?, &allowed)))
        .collect::<Outcome<_>>()?;
    conclude(&verdicts, &allowed, faults)
}

/// The first shard by itself, as it holds the cases that count milliseconds; the others side by side.
fn in_order(shards: &[Shard], play: impl Fn(&Shard) -> Outcome + Sync) -> Outcome {
    let Some((first, rest)) = shards.split_first() else {
        return Err(Failure::new("conformance/shards.json lists no shards"));
    };
    play(first)?;
    thread::scope(|scope| {
        let running: Vec<_> = rest
            .iter()
            .map(|shard| scope.spawn(|| play(shard)))
            .collect();
        running.into_iter().try_for_each(|shard| {
            let died = |_| Err(Failure::new("the thread of a shard ended early"));
            shard.join().unwrap_or_else(died)
        })
    })
}

/// `of_process` is what was wrong with the tested process itself.
fn conclude(verdicts: &[Verdict], allowed: &Allowed, of_process: &[String]) -> Outcome {
    println!("\n{}", gate::TABLE_HEAD);
    for verdict in verdicts {
        println!("{verdict}");
    }
    let stale = allowed.stale(verdicts);
    let of_cases = verdicts.iter().flat_map(|verdict| &verdict.faults);
    let faults: Vec<_> = of_cases.chain(&stale).chain(of_process).collect();
    for fault in &faults {
        println!("{fault}");
    }
    let passed: usize = verdicts.iter().map(|verdict| verdict.passed).sum();
    let failed: usize = verdicts.iter().map(|verdict| verdict.failed).sum();
    println!("{passed} passed, {failed} failed");
    if faults.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the Autobahn gate found {} faults; the reports are in {}",
        faults.len(),
        suite::REPORTS
    )))
}
