//! The suite's servers against our client role.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::autobahn::in_order;
use crate::autobahn::shard::Shard;
use crate::autobahn::suite::{AGENT, SHARD_LIMIT, Suite};
use crate::failure::{Failure, Outcome};
use crate::process::Background;
use crate::program;
use crate::step::Step;

const START_LIMIT: Duration = Duration::from_secs(30);

/// Between two looks at whether the server listens.
const LOOK: Duration = Duration::from_millis(50);

/// Runs every shard as a server of the suite with our client beside it.
pub(crate) fn play(suite: &Suite, shards: &[Shard]) -> Outcome<Vec<String>> {
    let example = ["-p", "sockeye-protocol", "--example", "autobahn_client"];
    let client = program::build("autobahn_client", &example)?;
    in_order(shards, |shard| play_shard(suite, shard, &client))?;
    Ok(Vec::new())
}

fn play_shard(suite: &Suite, shard: &Shard, client: &Path) -> Outcome {
    let address = free_address()?;
    let mut server = suite
        .step(shard, &format!("ws://{address}"))?
        .background()?;
    wait_until_listening(address, &mut server)?;
    Step::new(client, &[&address.to_string(), AGENT])
        .within(SHARD_LIMIT)
        .run()
}

/// The suite takes no port 0, so one is found for it that is free right now.
fn free_address() -> Outcome<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_err(|cause| Failure::new(format!("cannot find a free port: {cause}")))
}

fn wait_until_listening(address: SocketAddr, server: &mut Background) -> Outcome {
    let deadline = Instant::now() + START_LIMIT;
    while server.alive() && Instant::now() < deadline {
        if TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        std::thread::park_timeout(LOOK);
    }
    Err(Failure::new(format!(
        "the fuzzing server does not listen on {address}; its log is beside its reports"
    )))
}
