//! What a request may weigh, and what becomes of input that is no request.

use sockeye::ServerOptions;

use crate::harness::{Raw, Running, serve, serve_with};
use crate::serving::flood::flood;
use crate::serving::{answer, echo, echoes};

/// A handshake with `more` header lines behind its own five.
fn with_lines(more: usize) -> String {
    let lines: String = (0..more).map(|n| format!("X-{n}: 1\r\n")).collect();
    format!("{}{lines}\r\n", Raw::head("/echo"))
}

/// A handshake whose head has exactly `bytes` bytes.
fn with_bytes(bytes: usize) -> String {
    let head = Raw::head("/echo");
    let filler = bytes - head.len() - "Cookie: \r\n\r\n".len();
    format!("{head}Cookie: {}\r\n\r\n", "c".repeat(filler))
}

async fn status(server: &Running, request: &[u8]) -> String {
    let mut raw = server.raw().await;
    raw.write(request).await;
    let head = raw.read_head().await;
    head.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn sixty_four_header_lines_pass_and_one_more_does_not() {
    let server = serve(echo()).await;
    let own = Raw::head("/echo").lines().count() - 1;
    let switched = "HTTP/1.1 101 Switching Protocols";
    let refused = "HTTP/1.1 431 Request Header Fields Too Large";
    assert_eq!(
        status(&server, with_lines(64 - own).as_bytes()).await,
        switched
    );
    assert_eq!(
        status(&server, with_lines(65 - own).as_bytes()).await,
        refused
    );
    assert_eq!(status(&server, with_lines(900).as_bytes()).await, refused);
}

#[tokio::test]
async fn a_head_of_sixteen_kib_passes_and_a_longer_one_does_not() {
    let server = serve(echo()).await;
    let limit = ServerOptions::default().header_bytes;
    assert_eq!(limit, 16 * 1024);
    let switched = "HTTP/1.1 101 Switching Protocols";
    let refused = "HTTP/1.1 431 Request Header Fields Too Large";
    assert_eq!(
        status(&server, with_bytes(limit).as_bytes()).await,
        switched
    );
    assert_eq!(
        status(&server, with_bytes(limit + 1).as_bytes()).await,
        refused
    );
}

#[tokio::test]
async fn a_head_without_an_end_is_cut_off_at_the_limit() {
    let server = serve(echo()).await;
    let endless = vec![b'x'; 1 << 20];
    for start in ["GET /", "GET / HTTP/1.1\r\nX: ", "GET / HTTP/1.1\r\nX"] {
        let mut raw = server.raw().await;
        raw.write(start.as_bytes()).await;
        // The server hangs up long before it has taken all.
        let _ = tokio::io::AsyncWriteExt::write_all(&mut raw.0, &endless).await;
        raw.ended().await;
    }
}

#[tokio::test]
async fn the_limits_are_the_servers_options() {
    let mut options = ServerOptions::default();
    options.headers = 10;
    options.header_bytes = 10_000;
    let server = serve_with(echo(), options).await;
    let refused = "HTTP/1.1 431 Request Header Fields Too Large";
    assert_eq!(status(&server, with_lines(6).as_bytes()).await, refused);
    assert_eq!(
        status(&server, with_bytes(20_000).as_bytes()).await,
        refused
    );
    let switched = "HTTP/1.1 101 Switching Protocols";
    assert_eq!(
        status(&server, with_bytes(10_000).as_bytes()).await,
        switched
    );
}

#[tokio::test]
async fn what_is_no_request_is_answered_or_cut_off() {
    let server = serve(echo()).await;
    let refused = "HTTP/1.1 400 Bad Request";
    for garbage in [
        "\u{0}\u{0}\u{0}\u{0}",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
        "GET\r\n\r\n",
        "GET / HTTP/3.7\r\n\r\n",
        "GET / HTTP/1.1\r\nNo colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : spaced\r\n\r\n",
        "GET /\u{0} HTTP/1.1\r\n\r\n",
        "PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n",
    ] {
        assert_eq!(
            status(&server, garbage.as_bytes()).await,
            refused,
            "{garbage:?}"
        );
    }
    let mut good = server.raw().await;
    good.upgrade("/echo").await;
    echoes(&mut good, "still serving").await;
}

#[tokio::test]
async fn a_request_with_a_body_is_no_handshake() {
    let server = serve(echo()).await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for body in [
        format!("Content-Length: {}\r\n\r\n{smuggled}", smuggled.len()),
        format!(
            "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{smuggled}\r\n0\r\n\r\n",
            smuggled.len()
        ),
    ] {
        let mut raw = server.raw().await;
        raw.write(format!("{}{body}", Raw::head("/echo")).as_bytes())
            .await;
        let (head, _) = answer(&mut raw).await;
        assert!(head.starts_with("HTTP/1.1 400"), "{head}");
        // The body was a body to the end, so what comes next is the next request, or nothing does.
        raw.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await;
        let rest = raw.rest().await;
        assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answers_is_not_read_from() {
    let server = serve(echo()).await;
    let mut raw = server.raw().await;
    let requests = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1000);
    let taken = flood(&server, &mut raw.0, &requests).await;
    // What fits the buffers of two kernels, and not much more.
    assert!(taken < 64 << 20, "{taken} bytes");
}
