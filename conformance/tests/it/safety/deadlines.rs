//! Slow handshakes: whoever does not finish a request in 5 s is gone, however busy it looks meanwhile.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::AsyncReadExt;

use crate::frames::{TEXT, text};
use crate::harness::{Raw, Server, within};

/// The default deadline for a head. The server may be late, on a busy machine, but not by more than this again.
const DEADLINE: Duration = Duration::from_secs(5);

/// Time between two pieces of a drip.
const DRIP: Duration = Duration::from_millis(500);

/// Clients that drip while a good one talks.
const DRIPPERS: usize = 2_000;

/// What a client sends at once, and what it repeats from then on.
#[rustfmt::skip]
const SHAPES: &[(&str, &[u8], &[u8])] = &[
    ("silence", b"", b""),
    ("a part of a request line", b"GET /ec", b""),
    ("a head without its last line", b"GET /echo HTTP/1.1\r\nHost: localhost\r\n", b""),
    ("one byte every half second", b"GET /echo HTTP/1.1\r\nX-Drip: ", b"x"),
    ("one line every half second", b"GET /echo HTTP/1.1\r\n", b"X-Drip: x\r\n"),
    ("a method without end", b"", b"G"),
    ("a target without end", b"GET /", b"x"),
    ("empty lines", b"", b"\r\n"),
    ("the beginning of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r", b""),
    ("HTTP/2 without a request", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", b""),
    ("HTTP/2 with pings and no request", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", b"\0\0\x08\x06\0\0\0\0\0pingping"),
    ("a second request that never comes", b"GET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n", b""),
    ("a second request that drips", b"GET /stats HTTP/1.1\r\nHost: localhost\r\n\r\nGET /stats HTTP/1.1\r\nX-Drip: ", b"x"),
    ("a body that never comes", b"GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nContent-Length: 9\r\n\r\n", b""),
    ("a body that drips", b"POST /stats HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\n", b"x"),
    ("a chunk that drips", b"POST /stats HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n", b"x"),
];

#[tokio::test]
async fn slow_handshakes_are_closed_by_their_deadline() {
    let server = Server::start();
    let mut idle = server.open("/echo").await;
    let shapes = SHAPES.iter().map(|shape| last(&server, shape));
    for (shape, lasted) in SHAPES.iter().zip(join_all(shapes).await) {
        println!("{}: closed after {} ms", shape.0, lasted.as_millis());
        assert!(lasted < DEADLINE * 2, "{} lasted {lasted:?}", shape.0);
    }
    // The one that finished its handshake is none of them.
    idle.lives().await;
}

#[tokio::test]
async fn a_crowd_of_slow_handshakes_keeps_nobody_waiting() {
    let server = Server::start();
    let crowd = (0..DRIPPERS).map(|at| last(&server, &SHAPES[at % SHAPES.len()]));
    let good = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..200 {
            let begun = Instant::now();
            let mut raw = server.open("/echo").await;
            raw.write(&text("hi")).await;
            assert_eq!(raw.frame().await, Some((TEXT, b"hi".to_vec())));
            slowest = slowest.max(begun.elapsed());
        }
        slowest
    };
    let (crowd, slowest) = tokio::join!(join_all(crowd), good);
    println!(
        "{} slow ones; slowest good client {} ms",
        crowd.len(),
        slowest.as_millis()
    );
    assert!(
        crowd.iter().all(|lasted| *lasted < DEADLINE * 2),
        "{crowd:?}"
    );
    server.empty().await;
}

/// Plays a shape until the server ends it; gives how long that took.
async fn last(server: &Server, (_, first, drip): &(&str, &[u8], &[u8])) -> Duration {
    let begun = Instant::now();
    let mut raw = server.raw().await;
    raw.offer(first).await;
    let mut scrap = [0; 4096];
    within("the deadline", async {
        loop {
            match tokio::time::timeout(DRIP, raw.0.read(&mut scrap)).await {
                Ok(Ok(0) | Err(_)) => return,
                Ok(Ok(_)) => {}
                Err(_) => Raw::offer(&mut raw, drip).await,
            }
        }
    })
    .await;
    begun.elapsed()
}
