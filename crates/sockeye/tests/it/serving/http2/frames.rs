//! Frames: an HTTP/2 connection on which a test writes every byte itself, because proper clients refuse to.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::within;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

pub(crate) const PROTOCOL_ERROR: u32 = 1;
pub(crate) const REFUSED_STREAM: u32 = 7;
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;

/// SETTINGS_ENABLE_CONNECT_PROTOCOL, RFC 8441 3.
const ENABLE_CONNECT_PROTOCOL: u16 = 8;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    pub(crate) fn new(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Self {
        let payload = payload.to_vec();
        Self {
            kind,
            flags,
            stream,
            payload,
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.payload.len()).unwrap().to_be_bytes();
        let mut bytes = length[1..].to_vec();
        bytes.extend([self.kind, self.flags]);
        bytes.extend(self.stream.to_be_bytes());
        bytes.extend(&self.payload);
        bytes
    }

    /// The error code of a RST_STREAM or GOAWAY frame.
    pub(crate) fn code(&self) -> u32 {
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

/// Header lines in HPACK without any compression (RFC 7541 6.2.2 and 5.2).
pub(crate) fn block(lines: &[(&str, &str)]) -> Vec<u8> {
    fn text(text: &str, into: &mut Vec<u8>) {
        match u8::try_from(text.len()) {
            Ok(short @ 0..127) => into.push(short),
            _ => {
                let mut rest = text.len() - 127;
                into.push(127);
                while rest >= 128 {
                    into.push(u8::try_from(rest % 128).unwrap() | 128);
                    rest /= 128;
                }
                into.push(u8::try_from(rest).unwrap());
            }
        }
        into.extend(text.as_bytes());
    }
    let mut block = Vec::new();
    for (name, value) in lines {
        block.push(0);
        text(name, &mut block);
        text(value, &mut block);
    }
    block
}

/// The lines of a faultless extended CONNECT.
pub(crate) const CONNECT: [(&str, &str); 6] = [
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "http"),
    (":path", "/echo"),
    (":authority", "localhost"),
    ("sec-websocket-version", "13"),
];

pub(crate) struct Wire {
    pub(crate) tcp: TcpStream,
    /// What the server said it supports.
    pub(crate) settings: Vec<(u16, u32)>,
}

impl Wire {
    /// Opens HTTP/2 by prior knowledge, up to both sides' settings.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let tcp = TcpStream::connect(address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let settings = Vec::new();
        let mut wire = Self { tcp, settings };
        wire.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        wire.send(SETTINGS, 0, 0, &[]).await;
        let settings = wire.frame_of(SETTINGS).await;
        assert_eq!(settings.flags, 0, "settings before their acknowledgement");
        let pair = |six: &[u8]| {
            let (name, value) = six.split_at(2);
            let name = u16::from_be_bytes(name.try_into().unwrap());
            (name, u32::from_be_bytes(value.try_into().unwrap()))
        };
        wire.settings = settings.payload.chunks_exact(6).map(pair).collect();
        wire.send(SETTINGS, ACK, 0, &[]).await;
        wire
    }

    pub(crate) fn offers_connect_protocol(&self) -> bool {
        self.settings.contains(&(ENABLE_CONNECT_PROTOCOL, 1))
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.tcp.write_all(bytes).await.unwrap();
    }

    /// Writes as much as the server takes before it hangs up.
    pub(crate) async fn write_while_taken(&mut self, bytes: &[u8]) {
        let _ = within("the server to take bytes", self.tcp.write_all(bytes)).await;
    }

    pub(crate) async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let frame = Frame::new(kind, flags, stream, payload);
        self.write(&frame.to_bytes()).await;
    }

    /// A request whose head is all there is of it, or the beginning of a socket.
    pub(crate) async fn headers(&mut self, stream: u32, flags: u8, lines: &[(&str, &str)]) {
        self.send(HEADERS, END_HEADERS | flags, stream, &block(lines))
            .await;
    }

    /// The next frame; `None` at the end.
    pub(crate) async fn frame(&mut self) -> Option<Frame> {
        within("a frame of HTTP/2", async {
            let mut head = [0; 9];
            self.tcp.read_exact(&mut head).await.ok()?;
            let [a, b, c, kind, flags, stream @ ..] = head;
            let length = u32::from_be_bytes([0, a, b, c]);
            let mut payload = vec![0; usize::try_from(length).unwrap()];
            self.tcp.read_exact(&mut payload).await.ok()?;
            let stream = u32::from_be_bytes(stream);
            Some(Frame::new(kind, flags, stream, &payload))
        })
        .await
    }

    /// The next frame of one kind, skipping others.
    pub(crate) async fn frame_of(&mut self, kind: u8) -> Frame {
        loop {
            match self.frame().await {
                Some(frame) if frame.kind == kind => return frame,
                Some(_) => {}
                None => panic!("the connection ended without a frame of kind {kind}"),
            }
        }
    }

    /// The next frame on one stream.
    pub(crate) async fn frame_on(&mut self, stream: u32) -> Frame {
        loop {
            match self.frame().await {
                Some(frame) if frame.stream == stream => return frame,
                Some(_) => {}
                None => panic!("the connection ended without a frame on stream {stream}"),
            }
        }
    }

    /// The code of the GOAWAY frame with which the server ends the connection; `None` when it ends without one.
    pub(crate) async fn sent_away(&mut self) -> Option<u32> {
        loop {
            match self.frame().await {
                Some(frame) if frame.kind == GOAWAY && frame.code() != 0 => {
                    return Some(frame.code());
                }
                Some(_) => {}
                None => return None,
            }
        }
    }
}
