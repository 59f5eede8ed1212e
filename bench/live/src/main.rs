//! Serve live: products as a live model on SQLite, written as a user of Sockeye would write it.

#![forbid(unsafe_code)]

mod product;

use std::process::ExitCode;

use bench::{Arguments, Failure, Outcome};
use sockeye::{Hub, Server};
use sockeye_live::{Models, connect};
use tokio::runtime::Builder;

const USAGE: &str = "\
serve-live PORT FILE

  PORT  where to listen on 127.0.0.1
  FILE  of SQLite, which must not exist yet";

async fn serve(port: u16, file: &str) -> Outcome {
    let failed = |what| Failure::of::<sockeye_live::Error>(what);
    let database = connect(&format!("sqlite:{file}?mode=rwc")).await;
    let database = database.map_err(failed("open the database"))?;
    let filled = product::fill(&database).await;
    filled.map_err(Failure::of("make the products"))?;
    let models = Models::new(&database).model::<product::Entity>(|products| products);
    let live = models.start().await.map_err(failed("start the models"))?;
    let server = Server::bind(("127.0.0.1", port)).await;
    let server = server.map_err(Failure::of("listen"))?;
    let routes = live.routes().hub(&Hub::new());
    let served = server.run_until_signal(routes).await;
    served.map_err(Failure::of("serve"))
}

fn start(mut arguments: Arguments) -> Outcome {
    let (Some(port), Some(file)) = (arguments.word(), arguments.word()) else {
        return Err(Failure::new(USAGE));
    };
    let port = port.parse().map_err(Failure::of("read the port"))?;
    arguments.end(USAGE)?;
    let runtime = Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(Failure::of("start the runtime"))?;
    runtime.block_on(serve(port, &file))
}

fn main() -> ExitCode {
    bench::run("serve-live", start)
}
