//! Raw: a TCP connection on which a probe writes every byte itself.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::TcpStream;

use crate::frames;
use crate::harness::{Response, within};

pub(crate) struct Raw(pub(crate) TcpStream);

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = within("a TCP connection", TcpStream::connect(address))
            .await
            .unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    /// The head of a faultless handshake without its last, empty line.
    pub(crate) fn head(path: &str) -> String {
        format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        )
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        within("room to write", self.0.write_all(bytes))
            .await
            .unwrap();
    }

    /// Writes as much as the server takes: it may hang up before that, which is told by what it said.
    pub(crate) async fn offer(&mut self, bytes: &[u8]) {
        let _ = within("room to write, or the end", self.0.write_all(bytes)).await;
    }

    /// Writes; false once the server has hung up.
    pub(crate) async fn try_write(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok()
    }

    /// Writes `message` up to `count` times, until the server takes nothing for a second; gives how many it took.
    pub(crate) async fn offer_until_stuck(&mut self, message: &[u8], count: usize) -> usize {
        for taken in 0..count {
            let write = self.try_write(message);
            match tokio::time::timeout(Duration::from_secs(1), write).await {
                Ok(true) => {}
                Ok(false) | Err(_) => return taken,
            }
        }
        count
    }

    /// Waits until the server has hung up, reading nothing of what it said.
    pub(crate) async fn hung_up(&self) {
        within("the server to hang up", async {
            while !self
                .0
                .ready(Interest::READABLE)
                .await
                .unwrap()
                .is_read_closed()
            {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
    }

    /// The head of the next HTTP answer; what comes behind it stays unread.
    pub(crate) async fn response(&mut self) -> Response {
        Response::parse(
            within("the head of an answer", self.head_bytes())
                .await
                .unwrap(),
        )
    }

    async fn head_bytes(&mut self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await?);
        }
        Ok(head)
    }

    /// The next frame of the server: first byte, that is flags and opcode, and payload. `None` at the end.
    pub(crate) async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        within("a frame", self.read_frame()).await.ok()
    }

    async fn read_frame(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let first = self.0.read_u8().await?;
        let second = self.0.read_u8().await?;
        assert!(second < 0x80, "a server never masks");
        let length = match second {
            126 => usize::from(self.0.read_u16().await?),
            127 => usize::try_from(self.0.read_u64().await?).unwrap(),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).await?;
        Ok((first, payload))
    }

    /// Skips messages up to the server's close frame; gives its code, and `None` when the stream ends without one.
    pub(crate) async fn close_code(&mut self) -> Option<u16> {
        while let Some((first, payload)) = self.frame().await {
            if first == frames::CLOSE {
                return frames::code_of(&payload);
            }
        }
        None
    }

    /// Waits until the server has ended the connection, whatever it says before.
    pub(crate) async fn ended(&mut self) {
        let mut scrap = vec![0; 16 * 1024];
        within("the end of the connection", async {
            while !matches!(self.0.read(&mut scrap).await, Ok(0) | Err(_)) {}
        })
        .await;
    }

    /// Whether the server still answers a ping, as the next thing it says.
    pub(crate) async fn lives(&mut self) {
        self.write(&frames::ping(b"alive?")).await;
        assert_eq!(self.frame().await, Some((frames::PONG, b"alive?".to_vec())));
    }
}
