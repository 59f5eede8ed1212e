//! Echo: sends every message back as it came; the server that conformance suites talk to.

use sockeye::{Context, Handler, Options, RawMessage, Result, Router, Server, endpoint};

struct Echo;

impl Handler for Echo {
    type Incoming = RawMessage;
    type Outgoing = RawMessage;

    async fn on_message(&mut self, cx: &mut Context<Self>, message: RawMessage) -> Result<()> {
        cx.reply(message)
    }
}

/// What a conformance suite needs: 16 MiB messages in up to 65,536 fragments, as fast as it can send.
fn generous() -> Options {
    let mut options = Options::default();
    options.message_bytes = 32 << 20;
    options.frame_bytes = 32 << 20;
    options.outbox_bytes = 64 << 20;
    options.fragments = 1 << 17;
    options.rate = None;
    options
}

fn routes() -> Router {
    Router::new().route("/echo", endpoint(|| Echo).options(generous()))
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "says where it listens")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args()
        .skip_while(|argument| argument != "--addr")
        .skip(1);
    let address = arguments
        .next()
        .unwrap_or_else(|| "127.0.0.1:9001".to_owned());
    let server = Server::bind(address).await?;
    println!("ws://{}/echo", server.address()?);
    server.run_until_signal(routes()).await
}

#[cfg(test)]
mod tests {
    use sockeye::testing::TestServer;

    use super::*;

    #[tokio::test]
    async fn every_message_comes_back_as_it_came() {
        let server = TestServer::new(routes());
        let mut client = server.connect("/echo").await;
        for message in [
            RawMessage::Text(String::new()),
            RawMessage::Text("text".to_owned()),
            RawMessage::Binary(vec![7; 1 << 20].into()),
        ] {
            client.send_in_pieces(&message, 3);
            assert_eq!(client.receive().await, message);
        }
        server.shutdown().await;
    }
}
