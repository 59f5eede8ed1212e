//! Chat: rooms by url, names, who is here; open the printed address in two windows.

#![forbid(unsafe_code)]

use sockeye::{Result, Server};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "says where the chat is")]
async fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter("warn")
        .with_writer(std::io::stderr)
        .init();
    let mut arguments = std::env::args()
        .skip_while(|argument| argument != "--addr")
        .skip(1);
    let address = arguments
        .next()
        .unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let server = Server::bind(address).await?;
    println!("chat: http://{}/", server.address()?);
    server.run_until_signal(chat::routes()).await
}
