//! Inventory: products and orders in a database; open the printed address in two windows.

#![forbid(unsafe_code)]

use std::error::Error;

use inventory::{make_tables, models, order, product, routes};
use sockeye::{Hub, Server};
use sockeye_live::{connect, install_trigger, uninstall_trigger};

const USAGE: &str = "inventory [--addr 127.0.0.1:3000] [--database sqlite://inventory.db?mode=rwc] [serve | install-trigger | \
                     uninstall-trigger]";

#[tokio::main]
#[expect(clippy::print_stdout, reason = "says where the inventory is")]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter("warn")
        .with_writer(std::io::stderr)
        .init();
    let mut address = "127.0.0.1:3000".to_owned();
    let mut url = "sqlite://inventory.db?mode=rwc".to_owned();
    let mut command = "serve".to_owned();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--addr" => address = arguments.next().ok_or(USAGE)?,
            "--database" => url = arguments.next().ok_or(USAGE)?,
            _ => command = argument,
        }
    }
    let database = connect(&url).await?;
    make_tables(&database).await?;
    match command.as_str() {
        "serve" => {
            let live = models(&database).start().await?;
            let server = Server::bind(address).await?;
            println!("inventory: http://{}/", server.address()?);
            server
                .run_until_signal(routes(&live).hub(&Hub::new()))
                .await?;
        }
        // So that what psql or another program writes is seen too.
        "install-trigger" => {
            install_trigger::<product::Entity>(&database).await?;
            install_trigger::<order::Entity>(&database).await?;
        }
        "uninstall-trigger" => {
            uninstall_trigger::<product::Entity>(&database).await?;
            uninstall_trigger::<order::Entity>(&database).await?;
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}
