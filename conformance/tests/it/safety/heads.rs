//! Heads: their size, the number of their lines, and values that are meant to be slow to read.

use crate::harness::{Raw, Server};

/// The default limits.
const HEADERS: usize = 64;
const HEAD_BYTES: usize = 16 * 1024;

/// The faultless request has so many header lines.
const OWN_HEADERS: usize = 5;

/// Head lines behind those of the faultless request, and the status for them.
async fn status(server: &Server, lines: &str) -> u16 {
    let mut raw = server.raw().await;
    raw.offer(format!("{}{lines}\r\n", Raw::head("/echo")).as_bytes())
        .await;
    raw.response().await.status
}

fn lines(count: usize, mut line: impl FnMut(usize) -> String) -> String {
    (0..count).map(|at| line(at) + "\r\n").collect()
}

#[tokio::test]
async fn heads_are_bounded_in_bytes_and_lines() {
    let server = Server::warmed_up().await;
    let fits = HEADERS - OWN_HEADERS;
    let other = |at: usize| format!("X-{at}: {at}");
    assert_eq!(status(&server, &lines(fits, other)).await, 101);
    assert_eq!(status(&server, &lines(fits + 1, other)).await, 431);
    assert_eq!(
        status(&server, &lines(fits + 1, |_| "X-Same: x".to_owned())).await,
        431
    );
    let padding = |bytes: usize| format!("X-Long: {}\r\n", "x".repeat(bytes));
    assert_eq!(status(&server, &padding(HEAD_BYTES - 1024)).await, 101);
    assert_eq!(status(&server, &padding(HEAD_BYTES)).await, 431);

    let before = server.reset_peak();
    for _ in 0..20 {
        assert_eq!(status(&server, &padding(1 << 20)).await, 431);
        assert_eq!(status(&server, &lines(10_000, other)).await, 431);
        assert_eq!(
            status(&server, &lines(10_000, |_| "X-Same: x".to_owned())).await,
            431
        );
        let mut raw = server.raw().await;
        raw.offer(format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20)).as_bytes())
            .await;
        assert_eq!(raw.response().await.status, 431);
    }
    let grown = server.peak_bytes().saturating_sub(before);
    println!("80 heads far over the limit: {} KiB", grown / 1024);
    assert!(grown < 2 << 20, "{grown} bytes");
}

/// Values that fill the head and are hard on readers that look at a byte more than once.
fn slow_values(bytes: usize) -> Vec<(&'static str, String, u16)> {
    let extensions = |value: String| format!("Sec-WebSocket-Extensions: {value}\r\n");
    let protocols = |value: String| format!("Sec-WebSocket-Protocol: {value}\r\n");
    vec![
        ("commas", extensions(",".repeat(bytes)), 101),
        (
            "semicolons",
            extensions(format!("a{}", ";".repeat(bytes))),
            400,
        ),
        (
            "escapes",
            extensions(format!("a; b=\"{}\"", "\\a".repeat(bytes / 2))),
            101,
        ),
        (
            "escapes without end",
            extensions(format!("a; b=\"{}", "\\a".repeat(bytes / 2))),
            400,
        ),
        (
            "spaces",
            extensions(format!("a;{}b", " ".repeat(bytes))),
            101,
        ),
        (
            "spaces and no end",
            extensions(format!("a{}=", " ".repeat(bytes))),
            400,
        ),
        ("elements", extensions("a,".repeat(bytes / 2)), 400),
        (
            "parameters",
            extensions(format!("a{}", ";b".repeat(bytes / 2))),
            400,
        ),
        ("subprotocols", protocols("a,".repeat(bytes / 2)), 101),
        ("subprotocol commas", protocols(",".repeat(bytes)), 101),
        (
            "upgrades",
            format!("Upgrade: {}\r\n", "a,".repeat(bytes / 2)),
            101,
        ),
        (
            "cookies",
            format!("Cookie: {}\r\n", "a=b;".repeat(bytes / 4)),
            101,
        ),
        (
            "origin",
            format!("Origin: http://{}\r\n", "a.".repeat(bytes / 2)),
            403,
        ),
    ]
}

#[tokio::test]
async fn no_header_value_is_slow_to_read() {
    const ROUNDS: u32 = 20;
    let server = Server::warmed_up().await;
    for (why, lines, expected) in slow_values(HEAD_BYTES - 1024) {
        let before = server.cpu_time();
        for _ in 0..ROUNDS {
            assert_eq!(status(&server, &lines).await, expected, "{why}");
        }
        let each = (server.cpu_time() - before) / ROUNDS;
        println!("{why}: {} us of CPU", each.as_micros());
        assert!(each.as_millis() < 10, "{why}: {each:?} of CPU for one head");
    }
}
