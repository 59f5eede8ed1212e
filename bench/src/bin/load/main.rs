//! Load: one thread that keeps a server busy, checks all that comes back, and prints what it found as a line of JSON.

#![forbid(unsafe_code)]

mod answer;
mod client;
mod echo;
mod fleet;
mod frame;
mod histogram;
mod idle;
mod inflater;
mod live;
mod message;
mod product;
mod relay;
mod server;
mod window;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use bench::{Arguments, Failure, Outcome};
use serde_json::Value;

use crate::echo::Echo;
use crate::fleet::Fleet;
use crate::histogram::Histogram;
use crate::live::Live;
use crate::message::Template;
use crate::product::Filters;
use crate::relay::{Relay, Shape};
use crate::server::Server;
use crate::window::{Figures, Window};

const USAGE: &str = "\
load <scenario> --port PORT [options]

  echo    --conns 64 --depth 1                 each connection keeps `depth` messages under way
          --path /echo --typed                 --typed: messages with an action, as /typed takes them
  fanout  --members 1000 --window 1 [--burst]  one group, one publisher, `window` publishes under way;
                                               --burst: all of a window in one write
  groups  --groups 100 --members 10 --window 64  publishes of anybody, `window` of them under way in all groups
          --publisher-port PORT                the first member of each group, which is the publisher of `fanout`,
                                               connects to another node, whose deliveries are not counted
          --publisher-members 1                so many of the first members do
          --rate N                             publishes a second at most
          --unordered                          the messages of one publisher may come in any order
          --settle S                           seconds before the first publish
  idle    --conns 10000 --path /echo           what silent connections cost; needs --pid
  live    --subscribers 1000 --writers 16      prices of /api/products are set, each writer has one write under way, of
                                               which all must hear at /ws/products before its next one
          --filters none                       or `departments`, one part in twenty each, or `wide`, twenty that take all
          --unasked                            events come to every socket without a subscription

  --pid PID           the server, for its processor time and memory
  --size BYTES        of a message, 32 unless told otherwise
  --binary            binary messages instead of text
  --warmup S          0.5 seconds unless told otherwise
  --secs S            of measuring, 2 unless told otherwise
  --deflate           ask for compressed messages; what is sent stays plain
  --sleep             wait for events asleep instead of spinning, for want of a core of its own";

/// How long a server may take for what it owes.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long is listened for what it does not owe.
const AFTERMATH: Duration = Duration::from_millis(200);

/// What every scenario takes.
struct Setting {
    address: SocketAddr,
    window: Window,
    size: usize,
    opcode: u8,
    fleet: Fleet,
}

impl Setting {
    fn read(arguments: &mut Arguments) -> Outcome<Self> {
        let port = arguments.option("--port")?.unwrap_or(9001_u16);
        let pid: Option<u32> = arguments.option("--pid")?;
        let warmup = seconds(arguments, "--warmup", 0.5)?;
        let time = seconds(arguments, "--secs", 2.0)?;
        let binary = arguments.switch("--binary");
        let (spin, deflate) = (!arguments.switch("--sleep"), arguments.switch("--deflate"));
        Ok(Self {
            address: ([127, 0, 0, 1], port).into(),
            window: Window {
                warmup,
                time,
                server: pid.map(Server::new).transpose()?,
            },
            size: arguments.option("--size")?.unwrap_or(32),
            opcode: if binary { frame::BINARY } else { frame::TEXT },
            fleet: Fleet::new(spin, deflate)?,
        })
    }

    fn template(&self) -> Outcome<Template> {
        Template::new(self.opcode, self.size, message::PLAIN)
    }
}

fn seconds(arguments: &mut Arguments, name: &str, default: f64) -> Outcome<Duration> {
    let seconds = arguments.option(name)?.unwrap_or(default);
    Duration::try_from_secs_f64(seconds).map_err(Failure::of(format!("read {name}")))
}

/// A count that must not be zero.
fn count(arguments: &mut Arguments, name: &str, default: usize) -> Outcome<usize> {
    match arguments.option(name)?.unwrap_or(default) {
        0 => Err(Failure::new(format!("`{name}` must be above 0"))),
        count => Ok(count),
    }
}

fn path(arguments: &mut Arguments) -> Outcome<String> {
    let path = arguments.option("--path")?;
    Ok(path.unwrap_or_else(|| "/echo".to_owned()))
}

fn echo(mut arguments: Arguments) -> Outcome<Figures> {
    let mut setting = Setting::read(&mut arguments)?;
    let conns = count(&mut arguments, "--conns", 64)?;
    let depth = count(&mut arguments, "--depth", 1)?;
    let path = path(&mut arguments)?;
    let envelope = match arguments.switch("--typed") {
        true => message::TYPED,
        false => message::PLAIN,
    };
    arguments.end(USAGE)?;
    let template = Template::new(setting.opcode, setting.size, envelope)?;
    let mut script = Echo::new(conns, depth, template);
    let fleet = &mut setting.fleet;
    fleet.connect(conns, |_| (setting.address, Some(path.clone())))?;
    let now = fleet.now();
    script.begin(&mut fleet.clients, now)?;
    let figures = setting
        .window
        .measure(fleet, &mut script, Echo::reset, |echo| echo.messages)?;
    Ok(completed(figures, &script.latency, script.deflated()))
}

fn relay(
    mut arguments: Arguments,
    groups: usize,
    members: usize,
    window: usize,
) -> Outcome<Figures> {
    let mut setting = Setting::read(&mut arguments)?;
    let elsewhere: Option<u16> = arguments.option("--publisher-port")?;
    let elsewhere = elsewhere.map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let beside = count(&mut arguments, "--publisher-members", 1)?;
    let shape = Shape {
        groups: count(&mut arguments, "--groups", groups)?,
        members: count(&mut arguments, "--members", members)?,
        elsewhere: elsewhere.map_or(0, |_| beside),
        window: count(&mut arguments, "--window", window)?,
        burst: arguments.switch("--burst"),
        unordered: arguments.switch("--unordered"),
        pause: match arguments.option("--rate")?.unwrap_or(0_u64) {
            0 => 0,
            rate => 1_000_000_000 / rate,
        },
    };
    let settle = seconds(&mut arguments, "--settle", 0.0)?;
    arguments.end(USAGE)?;
    if shape.burst && shape.groups > 1 {
        return Err(Failure::new("`--burst` needs one publisher, so one group"));
    }
    let mut script = Relay::new(shape, setting.template()?);
    let fleet = &mut setting.fleet;
    let place = |client: usize| {
        let is_there = client % shape.members < shape.elsewhere;
        let address = elsewhere.filter(|_| is_there).unwrap_or(setting.address);
        (address, Some(format!("/group/{}", client / shape.members)))
    };
    fleet.connect(shape.groups * shape.members, place)?;
    script.begin_at(fleet.now() + settle.as_nanos() as u64);
    fleet.run(&mut script, settle)?;
    let figures = setting
        .window
        .measure(fleet, &mut script, Relay::reset, |relay| relay.deliveries)?;
    let figures = completed(figures, &script.latency, script.deflated());
    script.stop();
    if !fleet.run_until(&mut script, PATIENCE, Relay::is_quiet)? {
        return Err(Failure::new(
            "some publishes were not heard by all 5 s after the last one",
        ));
    }
    script.check()?;
    Ok(figures)
}

fn idle(mut arguments: Arguments) -> Outcome<Figures> {
    let mut setting = Setting::read(&mut arguments)?;
    let conns = count(&mut arguments, "--conns", 10_000)?;
    let path = path(&mut arguments)?;
    arguments.end(USAGE)?;
    let template = setting.template()?;
    let server = setting.window.server.take();
    let server = server.ok_or_else(|| Failure::new("`idle` needs --pid, whose memory it reads"))?;
    let place = (setting.address, path.as_str());
    idle::measure(&mut setting.fleet, &server, place, conns, template)
}

fn live(mut arguments: Arguments) -> Outcome<Figures> {
    let mut setting = Setting::read(&mut arguments)?;
    let filters: Option<String> = arguments.option("--filters")?;
    let shape = live::Shape {
        writers: count(&mut arguments, "--writers", 16)?,
        subscribers: arguments.option("--subscribers")?.unwrap_or(1000),
        filters: Filters::of(filters.as_deref().unwrap_or("none"))?,
    };
    let unasked = arguments.switch("--unasked");
    arguments.end(USAGE)?;
    let mut script = Live::new(shape);
    let fleet = &mut setting.fleet;
    let place = |client: usize| {
        let is_socket = client >= shape.writers;
        (
            setting.address,
            is_socket.then(|| "/ws/products".to_owned()),
        )
    };
    fleet.connect(shape.writers + shape.subscribers, place)?;
    if !unasked {
        script.subscribe(&mut fleet.clients)?;
    }
    if !fleet.run_until(&mut script, PATIENCE, Live::is_subscribed)? {
        return Err(Failure::new(
            "some subscriptions were not answered within 5 s",
        ));
    }
    let mut figures = setting
        .window
        .measure(fleet, &mut script, Live::reset, |live| live.completed)?;
    let deliveries = script.deliveries as f64;
    if let Some(cpu) = figures.get("cpu_ns").and_then(Value::as_f64)
        && deliveries > 0.0
    {
        let cpu = cpu * script.completed as f64 / deliveries;
        figures.insert("delivery_cpu_ns".to_owned(), cpu.into());
    }
    let figures = completed(figures, &script.latency, 0);
    script.stop();
    if !fleet.run_until(&mut script, PATIENCE, Live::is_quiet)? {
        return Err(Failure::new(
            "some writes were not heard of by all 5 s after the last one",
        ));
    }
    // What comes now is told for the second time.
    fleet.run(&mut script, AFTERMATH)?;
    Ok(figures)
}

fn completed(mut figures: Figures, latency: &Histogram, deflated: u64) -> Figures {
    figures.insert("deflated_messages".to_owned(), deflated.into());
    for (name, share) in [("p50_us", 0.5), ("p99_us", 0.99)] {
        figures.insert(name.to_owned(), latency.quantile_us(share).into());
    }
    figures
}

#[expect(
    clippy::print_stdout,
    reason = "a command line tool speaks by printing"
)]
fn start(mut arguments: Arguments) -> Outcome {
    let scenario = arguments.word().unwrap_or_default();
    let figures = match scenario.as_str() {
        "echo" => echo(arguments),
        "fanout" => relay(arguments, 1, 1000, 1),
        "groups" => relay(arguments, 100, 10, 64),
        "idle" => idle(arguments),
        "live" => live(arguments),
        _ => Err(Failure::new(format!("no scenario `{scenario}`\n\n{USAGE}"))),
    }?;
    println!("{}", Value::from(figures));
    Ok(())
}

fn main() -> ExitCode {
    bench::run("load", start)
}
