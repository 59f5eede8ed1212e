//! A client of our own make that compresses, because others do not; it shows the frames as they were on the wire.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sockeye_protocol::handshake::Offer;
use sockeye_protocol::{
    CloseCode, CloseFrame, Deflate, DeflateConfig, Endpoint, Event, Limits, MessageKind, Role,
    Workspace,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Raw, Running, within};

pub(crate) struct Deflating<S = TcpStream> {
    stream: S,
    endpoint: Endpoint,
    workspace: Workspace,
    pub(crate) agreed: Option<Deflate>,
}

/// A text message: the first byte of its frame, the payload as it came, and what it meant.
pub(crate) struct Received {
    pub(crate) flags: u8,
    pub(crate) payload: Vec<u8>,
    pub(crate) text: String,
}

const LIMITS: Limits = Limits {
    message_bytes: 16 << 20,
    frame_bytes: 16 << 20,
    fragments: 16,
};

impl Deflating {
    /// A socket at `/room`, with these wishes.
    pub(crate) async fn connect(server: &Running, wishes: Option<DeflateConfig>) -> Self {
        let mut offer = Offer::new(*b"sixteen of them.");
        if let Some(wishes) = wishes {
            offer = offer.deflate(wishes);
        }
        let mut raw = server.raw().await;
        let mut request = "GET /room HTTP/1.1\r\nHost: localhost\r\n".to_owned();
        for (name, value) in &offer.headers() {
            request += &format!("{name}: {}\r\n", value.to_str().unwrap());
        }
        raw.write(format!("{request}\r\n").as_bytes()).await;
        let answer = head(&raw.read_head().await);
        let agreed = offer.check_response(StatusCode::SWITCHING_PROTOCOLS, &answer);
        let Raw(stream) = raw;
        Self::over(stream, agreed.unwrap().deflate)
    }
}

/// The header lines of an answer that must be a good one.
fn head(text: &str) -> HeaderMap {
    assert!(text.starts_with("HTTP/1.1 101"), "{text}");
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    lines
        .map(|(name, value)| {
            let value = HeaderValue::try_from(value).unwrap();
            (HeaderName::try_from(name).unwrap(), value)
        })
        .collect()
}

impl<S: AsyncRead + AsyncWrite + Unpin> Deflating<S> {
    pub(crate) fn over(stream: S, agreed: Option<Deflate>) -> Self {
        Self {
            stream,
            endpoint: Endpoint::new(Role::Client, agreed),
            workspace: Workspace::default(),
            agreed,
        }
    }

    /// Sends a text; gives the length of its frame.
    pub(crate) async fn send(&mut self, text: &str) -> usize {
        self.send_as(MessageKind::Text, text.as_bytes()).await
    }

    pub(crate) async fn send_as(&mut self, kind: MessageKind, payload: &[u8]) -> usize {
        let mut frame = Vec::new();
        let outbound = &mut self.workspace.outbound;
        self.endpoint
            .send(kind, payload, &mut frame, outbound)
            .unwrap();
        self.write(&frame).await;
        frame.len()
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next message, which must be text.
    pub(crate) async fn text(&mut self) -> Received {
        let mut frame = self.frame().await.unwrap();
        let (flags, at) = (frame[0], header_bytes(&frame));
        let payload = frame[at..].to_vec();
        let inbound = &mut self.workspace.inbound;
        let received = self.endpoint.receive(&mut frame, &LIMITS, inbound).unwrap();
        match received.event {
            Some(Event::Text(text)) => Received {
                flags,
                payload,
                text: text.to_owned(),
            },
            other => panic!("expected text, found {other:?}"),
        }
    }

    /// Skips messages up to the server's close frame, answers it, and gives its code.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        loop {
            let mut frame = self.frame().await?;
            let inbound = &mut self.workspace.inbound;
            let received = self.endpoint.receive(&mut frame, &LIMITS, inbound).unwrap();
            if let Some(Event::Close(close)) = received.event {
                let code = close.map(|close| close.code);
                self.answer(code).await;
                return code.map(u16::from);
            }
        }
    }

    async fn answer(&mut self, code: Option<CloseCode>) {
        let close = code.map(|code| CloseFrame { code, reason: "" });
        let mut frame = Vec::new();
        let outbound = &mut self.workspace.outbound;
        self.endpoint.close(close, &mut frame, outbound);
        // The server may have hung up on us already.
        let _ = self.stream.write_all(&frame).await;
    }

    /// The next frame as it came; `None` at the end.
    async fn frame(&mut self) -> Option<Vec<u8>> {
        within("a frame", async {
            let mut frame = vec![0; 2];
            self.stream.read_exact(&mut frame).await.ok()?;
            let header = header_bytes(&frame);
            frame.resize(header, 0);
            self.stream.read_exact(&mut frame[2..]).await.ok()?;
            let length = match header {
                2 => usize::from(frame[1]),
                _ => frame[2..]
                    .iter()
                    .fold(0, |length, byte| length << 8 | usize::from(*byte)),
            };
            frame.resize(header + length, 0);
            self.stream.read_exact(&mut frame[header..]).await.ok()?;
            Some(frame)
        })
        .await
    }
}

/// How long the header of a server's frame is.
fn header_bytes(frame: &[u8]) -> usize {
    match frame[1] {
        126 => 4,
        127 => 10,
        _ => 2,
    }
}
