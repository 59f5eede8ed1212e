//! Serve: the server that is measured, written as a user of Sockeye would write it.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use bench::{Arguments, Failure, Outcome};
use sockeye::{
    Context, Handler, Hub, HubOptions, Message, Options, RawMessage, Result, Router, Server,
    endpoint, handler,
};
use sockeye_nats::NatsBroker;
use sockeye_redis::RedisBroker;
use tokio::runtime::Builder;

const USAGE: &str = "\
serve [PORT] [--compression] [--workers N] [--redis URL] [--nats URL]

  PORT           where to listen on 127.0.0.1; 9001 unless told otherwise, 0 takes any free one
  --compression  offer permessage-deflate
  --workers N    threads of the runtime, and shards; one for each core unless told otherwise
  --redis URL    be one of several nodes on this broker
  --nats URL     the same";

struct Echo;

impl Handler for Echo {
    type Incoming = RawMessage;
    type Outgoing = RawMessage;

    async fn on_message(&mut self, cx: &mut Context<Self>, message: RawMessage) -> Result<()> {
        cx.reply(message)
    }
}

struct Member;

impl Handler for Member {
    type Incoming = RawMessage;
    type Outgoing = RawMessage;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(("group", cx.param("name")?)).await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, message: RawMessage) -> Result<()> {
        cx.broadcast(message)
    }
}

/// What a typed echo takes and sends back.
#[derive(Message)]
struct Said {
    n: String,
    text: String,
}

struct TypedEcho;

#[handler]
impl TypedEcho {
    #[on]
    fn said(&self, message: Said) -> Said {
        message
    }
}

/// What this node is, and how it reaches others.
#[derive(Default)]
struct Node {
    options: HubOptions,
    redis: Option<String>,
    nats: Option<String>,
}

impl Node {
    fn hub(self) -> Result<Hub> {
        Ok(match (self.redis, self.nats) {
            (Some(url), _) => Hub::with(RedisBroker::new(url)?, self.options),
            (None, Some(url)) => Hub::with(NatsBroker::new(url)?, self.options),
            (None, None) => Hub::with_options(self.options),
        })
    }
}

/// The defaults, but for the rate: the load generator is one client that sends all it can.
fn options(compression: bool) -> Options {
    let mut options = Options::default();
    options.rate = None;
    if !compression {
        options.compression = None;
    }
    options
}

#[expect(clippy::print_stdout, reason = "says where it listens")]
async fn serve(port: u16, node: Node, options: Options) -> Result<()> {
    let server = Server::bind(("127.0.0.1", port)).await?;
    let hub = node.hub()?;
    hub.ready().await;
    println!("ws://{}", server.address()?);
    let routes = Router::new()
        .hub(&hub)
        .route("/echo", endpoint(|| Echo).options(options.clone()))
        .route("/typed", endpoint(|| TypedEcho).options(options.clone()))
        .route("/group/{name}", endpoint(|| Member).options(options));
    server.run_until_signal(routes).await
}

fn start(mut arguments: Arguments) -> Outcome {
    let port = arguments.word().unwrap_or_else(|| "9001".to_owned());
    let port = port.parse().map_err(Failure::of("read the port"))?;
    let compression = arguments.switch("--compression");
    let workers: Option<usize> = arguments.option("--workers")?;
    let mut node = Node {
        redis: arguments.option("--redis")?,
        nats: arguments.option("--nats")?,
        ..Node::default()
    };
    arguments.end(USAGE)?;
    let mut runtime = Builder::new_multi_thread();
    if let Some(workers) = workers {
        node.options.shards = workers;
        runtime.worker_threads(workers.max(1));
    }
    let runtime = runtime.enable_all().build();
    let runtime = runtime.map_err(Failure::of("start the runtime"))?;
    let served = runtime.block_on(serve(port, node, options(compression)));
    served.map_err(Failure::of("serve"))
}

fn main() -> ExitCode {
    bench::run("serve", start)
}
