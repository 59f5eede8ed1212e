//! Raw: a TCP connection on which a test writes every byte itself.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::within;

pub(crate) struct Raw(pub(crate) TcpStream);

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// The head of a faultless handshake without its last, empty line.
    pub(crate) fn head(path: &str) -> String {
        format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        )
    }

    /// Opens a WebSocket by hand.
    pub(crate) async fn upgrade(&mut self, path: &str) {
        self.write(format!("{}\r\n", Self::head(path)).as_bytes())
            .await;
        let head = self.read_head().await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// Reads up to the empty line after a response's head.
    pub(crate) async fn read_head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(
                within("the head of a response", self.0.read_u8())
                    .await
                    .unwrap(),
            );
        }
        String::from_utf8(head).unwrap()
    }

    /// One frame of the server, which masks none: opcode with its flags, and payload. `None` at the end.
    pub(crate) async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        within("a frame", async {
            let first = self.0.read_u8().await.ok()?;
            let length = match self.0.read_u8().await.ok()? {
                126 => usize::from(self.0.read_u16().await.ok()?),
                127 => usize::try_from(self.0.read_u64().await.ok()?).unwrap(),
                short => usize::from(short),
            };
            let mut payload = vec![0; length];
            self.0.read_exact(&mut payload).await.ok()?;
            Some((first, payload))
        })
        .await
    }

    /// Exactly so many bytes.
    pub(crate) async fn read(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        within("bytes", self.0.read_exact(&mut bytes))
            .await
            .unwrap();
        bytes
    }

    /// What the server still says before it ends the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset is an end too.
        let _ = within("the end of the connection", self.0.read_to_end(&mut rest)).await;
        rest
    }

    /// Waits until the server has ended the connection, whatever it says before.
    pub(crate) async fn ended(&mut self) {
        let mut scrap = vec![0; 64 * 1024];
        within("the end of the connection", async {
            while !matches!(self.0.read(&mut scrap).await, Ok(0) | Err(_)) {}
        })
        .await;
    }

    /// A masked frame of a client: `first` is the first byte, FIN and opcode.
    pub(crate) fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let key = [0x12, 0x34, 0x56, 0x78];
        let mut frame = vec![first];
        match payload.len() {
            short @ 0..=125 => frame.push(0x80 | u8::try_from(short).unwrap()),
            medium @ 126..=65_535 => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(medium).unwrap().to_be_bytes());
            }
            long => {
                frame.push(0x80 | 127);
                frame.extend((long as u64).to_be_bytes());
            }
        }
        frame.extend(key);
        frame.extend(
            payload
                .iter()
                .zip(key.iter().cycle())
                .map(|(byte, key)| byte ^ key),
        );
        frame
    }
}
