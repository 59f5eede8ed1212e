//! Idle: what connections cost that say nothing.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bench::{Failure, Outcome};

use crate::echo::Echo;
use crate::fleet::Fleet;
use crate::message::Template;
use crate::server::Server;
use crate::window::Figures;

/// Long enough for a server to put away what the handshakes needed.
const SETTLE: Duration = Duration::from_secs(1);
const TOUCH_TIMEOUT: Duration = Duration::from_secs(10);

/// Connects `count` clients to `path`, then reads what the server holds for each of them; on `/echo` once more after
/// one message each.
pub(crate) fn measure(
    fleet: &mut Fleet,
    server: &Server,
    (address, path): (SocketAddr, &str),
    count: usize,
    template: Template,
) -> Outcome<Figures> {
    let each = count as f64;
    let held = |before: u64| -> Outcome<f64> {
        Ok((server.resident_bytes()? as f64 - before as f64) / each)
    };
    let (cpu, memory) = (server.cpu_ns()?, server.resident_bytes()?);
    let begin = Instant::now();
    fleet.connect(count, |_| (address, Some(path.to_owned())))?;
    let wall = begin.elapsed().as_secs_f64();
    let cpu = server.cpu_ns()?.saturating_sub(cpu) as f64;
    let mut echo = Echo::new(count, 1, template);
    fleet.run(&mut echo, SETTLE)?;
    let mut figures = Figures::new();
    figures.insert("connects_per_s".to_owned(), (each / wall).into());
    figures.insert("connect_cpu_ns".to_owned(), (cpu / each).into());
    figures.insert("resident_bytes".to_owned(), held(memory)?.into());
    if path == "/echo" {
        touch(fleet, &mut echo, count)?;
        figures.insert("touched_bytes".to_owned(), held(memory)?.into());
    }
    Ok(figures)
}

/// One message each way on every connection: what buffers cost that are only made for messages.
fn touch(fleet: &mut Fleet, echo: &mut Echo, count: usize) -> Outcome {
    let now = fleet.now();
    echo.once(&mut fleet.clients, now)?;
    let all = |echo: &Echo| echo.messages == count as u64;
    if fleet.run_until(echo, TOUCH_TIMEOUT, all)? {
        return fleet.run(echo, SETTLE);
    }
    let text = format!(
        "{} of {count} connections gave no echo in 10 s",
        count as u64 - echo.messages
    );
    Err(Failure::new(text))
}
