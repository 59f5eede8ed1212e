//! Conformance: a server that probes attack, every option at its default, and the holder of many idle sockets.
//!
//! `conformance --addr 127.0.0.1:0` serves and prints its address; `conformance hold --addr <server> --count 10000`
//! opens sockets there and keeps them.

#![forbid(unsafe_code)]

mod hold;
mod routes;

use sockeye::{Result, Server};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "says where it listens")]
async fn main() -> Result<()> {
    let address = argument("--addr").unwrap_or_else(|| "127.0.0.1:9002".to_owned());
    if std::env::args().nth(1).as_deref() == Some("hold") {
        let path = argument("--path").unwrap_or_else(|| "/group/idle".to_owned());
        let count = argument("--count").unwrap_or_else(|| "10000".to_owned());
        return hold::hold(address.parse()?, &path, count.parse()?).await;
    }
    let server = Server::bind(address).await?;
    println!("listening on ws://{}", server.address()?);
    server.run_until_signal(routes::routes()).await
}

/// The word behind `name` on the command line.
fn argument(name: &str) -> Option<String> {
    let mut words = std::env::args().skip_while(|word| word != name);
    words.nth(1)
}
