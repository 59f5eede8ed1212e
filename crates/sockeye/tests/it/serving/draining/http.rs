//! HTTP at the end of a server: what is in flight finishes, what is idle is let go.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get as page;
use sockeye::{Router, ServerOptions};
use tokio::sync::Semaphore;

use crate::harness::{Raw, until, within};
use crate::serving::draining::House;
use crate::serving::http2::session::Session;
use crate::serving::{answer, get};

/// A gate that requests wait at: how many are there, and how many may pass.
#[derive(Clone)]
struct Gate {
    waiting: Arc<Semaphore>,
    passes: Arc<Semaphore>,
}

impl Gate {
    fn new() -> Self {
        Self {
            waiting: Arc::new(Semaphore::new(0)),
            passes: Arc::new(Semaphore::new(0)),
        }
    }

    async fn pass(self) {
        self.waiting.add_permits(1);
        self.passes.acquire().await.unwrap().forget();
    }

    async fn reached(&self, count: usize) {
        until("a request at the gate", || {
            self.waiting.available_permits() == count
        })
        .await;
    }

    fn open(&self) {
        self.passes.add_permits(100);
    }

    /// A page behind the gate.
    fn page(&self) -> impl FnOnce(Router) -> Router + use<> {
        let gate = self.clone();
        let slow = move || {
            let gate = gate.clone();
            async move {
                gate.pass().await;
                "worth the wait"
            }
        };
        move |routes| {
            routes
                .http("/slow", page(slow))
                .http("/", page(|| async { "a page" }))
        }
    }
}

fn at_once() -> ServerOptions {
    let mut options = ServerOptions::default();
    options.drain_window = Duration::ZERO;
    options
}

const SLOW: &[u8] = b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test]
async fn a_request_in_flight_gets_its_answer() {
    let gate = Gate::new();
    let house = House::with(at_once(), gate.page()).await;
    let mut raw = house.server.raw().await;
    let session = Session::connect(house.server.address).await;
    raw.write(SLOW).await;
    let other = tokio::spawn(async move { session.get("/slow").await });
    gate.reached(2).await;
    house.server.handle.drain();
    // Who has nothing in flight is let go meanwhile, and nobody new is let in.
    house.refuses().await;
    assert!(!house.server.ended.is_finished());
    gate.open();
    let (head, body) = answer(&mut raw).await;
    assert_eq!(body, b"worth the wait");
    assert!(head.contains("connection: close"), "{head}");
    raw.ended().await;
    assert_eq!(
        within("the other answer", other).await.unwrap().1,
        b"worth the wait"
    );
    house.ended().await;
}

#[tokio::test]
async fn connections_kept_alive_are_let_go() {
    let house = House::with(at_once(), Gate::new().page()).await;
    let mut kept = house.server.raw().await;
    assert_eq!(get(&mut kept, "/").await.1, b"a page");
    let mut fresh = house.server.raw().await;
    let session = Session::connect(house.server.address).await;
    assert_eq!(session.get("/").await.1, b"a page");
    house.server.handle.drain();
    kept.ended().await;
    fresh.ended().await;
    within("the end of HTTP/2", session.driver)
        .await
        .unwrap()
        .unwrap();
    house.ended().await;
}

#[tokio::test]
async fn a_request_of_which_a_part_is_there_is_in_flight() {
    let house = House::with(at_once(), Gate::new().page()).await;
    let mut raw = house.server.raw().await;
    raw.write(b"GET / HTTP/1.1\r\nHo").await;
    // Another connection, accepted after this one, is served meanwhile.
    get(&mut house.server.raw().await, "/").await;
    house.server.handle.drain();
    house.refuses().await;
    raw.write(b"st: localhost\r\n\r\n").await;
    assert_eq!(answer(&mut raw).await.1, b"a page");
    raw.ended().await;
    house.ended().await;
}

async fn wait(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    gate.pass().await;
    next.run(request).await
}

#[tokio::test]
async fn a_handshake_that_outlasts_the_sockets_is_awaited_too() {
    let gate = Gate::new();
    let layer = from_fn_with_state(gate.clone(), wait);
    let house = House::with(at_once(), |routes| routes.layer(layer)).await;
    let mut late = house.server.raw().await;
    late.write(format!("{}\r\n", Raw::head("/guests")).as_bytes())
        .await;
    gate.reached(1).await;
    house.server.handle.drain();
    house.refuses().await;
    // Every socket is gone, and the server knows nothing yet of the one that is to come.
    assert_eq!(house.server.hub.stats().connections, 0);
    gate.open();
    assert!(late.read_head().await.starts_with("HTTP/1.1 101"));
    assert_eq!(
        late.frame().await,
        Some((0x88, 1012_u16.to_be_bytes().to_vec()))
    );
    // It does not answer, so the server has to wait for it. It was never connected, so there is no end to tell.
    assert_eq!(house.ended().await, []);
}
