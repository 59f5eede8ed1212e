//! The end of a server: drained, stopped, signalled.

mod http;
mod signals;
mod sockets;
mod stopping;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sockeye::{
    Cause, CloseCode, Context, Disconnect, Handler, Options, Result, Router, ServerOptions,
    endpoint,
};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::harness::{Client, Running, serve_with, within};

/// What handlers noted, in order: which one it was, and how it ended.
type Endings = Arc<Mutex<Vec<(usize, Cause, Option<CloseCode>)>>>;

/// Echoes, and takes as long to say goodbye as it is let.
struct Guest {
    number: usize,
    endings: Endings,
    goodbyes: Arc<Semaphore>,
}

impl Handler for Guest {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        cx.reply(text.clone())?;
        if text == "hang" {
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    async fn on_disconnect(&mut self, _: &mut Context<Self>, end: Disconnect) {
        let permit = self.goodbyes.acquire().await.unwrap();
        permit.forget();
        self.endings
            .lock()
            .push((self.number, end.cause(), end.code()));
    }
}

/// A server of guests.
struct House {
    server: Running,
    endings: Endings,
    /// Goodbyes that may be said.
    goodbyes: Arc<Semaphore>,
}

impl House {
    /// Guests at `/guests`, who may say goodbye at once.
    async fn open(options: ServerOptions) -> Self {
        Self::with(options, |routes| routes).await
    }

    async fn with(options: ServerOptions, more: impl FnOnce(Router) -> Router) -> Self {
        let (endings, goodbyes) = (Endings::default(), Arc::new(Semaphore::new(10_000)));
        let (noted, allowed) = (Arc::clone(&endings), Arc::clone(&goodbyes));
        let numbers = Arc::new(Mutex::new(0..));
        let guest = endpoint(move || Guest {
            number: numbers.lock().next().unwrap(),
            endings: Arc::clone(&noted),
            goodbyes: Arc::clone(&allowed),
        });
        let mut patience = Options::default();
        patience.close_timeout = Duration::from_millis(500);
        let routes = more(Router::new().route("/guests", guest.options(patience)));
        Self {
            server: serve_with(routes, options).await,
            endings,
            goodbyes,
        }
    }

    async fn guests(&self, count: usize) -> Vec<Client> {
        let mut guests = Vec::new();
        for _ in 0..count {
            let mut guest = self.server.connect("/guests").await;
            guest.send("hello").await;
            assert_eq!(guest.text().await, "hello");
            guests.push(guest);
        }
        guests
    }

    /// Waits until nobody can connect any more: the drain has begun.
    async fn refuses(&self) {
        within("a refusal", async {
            while TcpStream::connect(self.server.address).await.is_ok() {}
        })
        .await;
    }

    /// Waits until the server has ended; gives what its handlers noted up to then.
    async fn ended(self) -> Vec<(usize, Cause, Option<CloseCode>)> {
        let hub = self.server.hub;
        within("the end of the server", self.server.ended)
            .await
            .unwrap()
            .unwrap();
        let stats = hub.stats();
        assert_eq!((stats.connections, stats.groups), (0, 0));
        std::mem::take(&mut *self.endings.lock())
    }
}
