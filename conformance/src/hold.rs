//! Hold: many idle sockets in a process of their own, so that the server has all its file descriptors for itself.
//!
//! Prints `open <count>` once all are open, then `received <count>` each time that every one of them has got another
//! message. Stays until its standard input ends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sockeye::{Error, Result};
use sockeye_protocol::{Endpoint, Event, Limits, Role, Workspace};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};

/// Handshakes at once: a busy server's, not a storm.
const OPENING_MAX: usize = 64;

/// No answer to a handshake needs more.
const HEAD_BYTES_MAX: usize = 4096;

/// Opens `count` sockets on `path` and keeps them, answering pings.
pub(crate) async fn hold(server: SocketAddr, path: &str, count: usize) -> Result<()> {
    let opening = Arc::new(Semaphore::new(OPENING_MAX));
    let received = Arc::new(Received::new(count));
    let (lost, mut losses) = watch::channel(None);
    let mut opened = Vec::with_capacity(count);
    for _ in 0..count {
        let place = Arc::clone(&opening).acquire_owned().await?;
        let path = path.to_owned();
        opened.push(tokio::spawn(async move {
            let stream = open(server, &path).await;
            drop(place);
            stream
        }));
    }
    let mut streams = Vec::with_capacity(count);
    for opened in opened {
        streams.push(opened.await??);
    }
    for stream in streams {
        let (received, lost) = (Arc::clone(&received), lost.clone());
        tokio::spawn(async move {
            if let Err(error) = listen(stream, &received).await {
                lost.send_replace(Some(error.to_string()));
            }
        });
    }
    say(&format!("open {count}"));
    let (mut stdin, mut scrap) = (tokio::io::stdin(), Vec::new());
    tokio::select! {
        end = stdin.read_to_end(&mut scrap) => end.map(drop).map_err(Error::from),
        _ = losses.changed() => Err(Error::new(losses.borrow().clone().unwrap_or_default())),
    }
}

/// A socket opened with all that a browser sends.
async fn open(server: SocketAddr, path: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(request(server, path).as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_BYTES_MAX {
        head.push(stream.read_u8().await?);
    }
    if head.starts_with(b"HTTP/1.1 101 ") {
        return Ok(stream);
    }
    let found = String::from_utf8_lossy(&head).into_owned();
    Err(Error::new(format!(
        "cannot open {path}: expected 101, found {found}"
    )))
}

fn request(server: SocketAddr, path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nPragma: no-cache\r\n\
         Cache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/142.0.0.0 Safari/537.36\r\nUpgrade: websocket\r\nOrigin: http://{server}\r\n\
         Sec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\n\
         Cookie: session=0123456789abcdef0123456789abcdef0123456789abcdef; theme=dark\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
    )
}

/// Reads until the server ends the connection, which it should not.
async fn listen(mut stream: TcpStream, received: &Received) -> Result<()> {
    let mut endpoint = Endpoint::new(Role::Client, None);
    let limits = Limits::default();
    let mut workspace = Workspace::default();
    let mut output = Vec::new();
    loop {
        let mut input = [0; 512];
        let read = stream.read(&mut input).await?;
        let mut at = 0;
        while at < read {
            let step = endpoint.receive(&mut input[at..read], &limits, &mut workspace.inbound)?;
            at += step.consumed;
            match step.event {
                Some(Event::Text(_) | Event::Binary(_)) => received.count(),
                Some(Event::Ping(payload)) => {
                    endpoint.pong(payload, &mut output, &mut workspace.outbound)?;
                }
                Some(Event::Close(close)) => {
                    return Err(Error::new(format!("the server closed a socket: {close:?}")));
                }
                Some(Event::Pong(_)) | None => {}
            }
        }
        if read == 0 {
            return Err(Error::new("the server dropped a socket"));
        }
        stream.write_all(&output).await?;
        output.clear();
    }
}

/// Messages received by all sockets together.
struct Received {
    messages: AtomicUsize,
    sockets: usize,
}

impl Received {
    fn new(sockets: usize) -> Self {
        let messages = AtomicUsize::new(0);
        Self { messages, sockets }
    }

    fn count(&self) {
        let messages = self.messages.fetch_add(1, Ordering::Relaxed) + 1;
        if messages.is_multiple_of(self.sockets) {
            say(&format!("received {messages}"));
        }
    }
}

#[expect(clippy::print_stdout, reason = "tells the probe how far it is")]
fn say(line: &str) {
    println!("{line}");
}
