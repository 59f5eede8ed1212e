//! Client: one connection to the server, from its connect to its last frame.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

use bench::{Failure, Outcome};
use mio::net::TcpStream;

use crate::answer::{self, Answer};
use crate::frame::{self, Frame};

/// The nonce of RFC 6455 section 1.3, and its answer.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Messages that each stand alone, so that one of them can be the same for many.
const OFFER: &str = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";

/// A response to an upgrade that is longer than this is none.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// How far a connection is.
#[derive(Debug, PartialEq)]
enum Phase {
    Connecting,
    Upgrading,
    Open,
    /// Speaks plain HTTP.
    Plain,
}

/// What arrived as a whole.
#[derive(Debug)]
pub(crate) enum Heard<'a> {
    Frame(Frame<'a>),
    Answer(Answer<'a>),
}

#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    phase: Phase,
    /// Whether compressed messages were asked for.
    deflate: bool,
    /// What was read of a head or frame that is not whole yet.
    partial: Vec<u8>,
    /// What the kernel has not taken yet.
    unsent: Vec<u8>,
}

impl Client {
    /// Begins to connect to the socket at `path`, or to speak plain HTTP without one; `ramp` goes on with it.
    pub(crate) fn connect(address: SocketAddr, path: Option<&str>, deflate: bool) -> Outcome<Self> {
        let stream = TcpStream::connect(address);
        let stream = stream.map_err(Failure::of("open a socket (does `ulimit -n` allow it?)"))?;
        let extensions = if deflate { OFFER } else { "" };
        let upgrade = |path| {
            format!(
                "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{extensions}\r\n"
            )
        };
        Ok(Self {
            stream,
            phase: Phase::Connecting,
            deflate,
            partial: Vec::new(),
            unsent: path.map(upgrade).unwrap_or_default().into_bytes(),
        })
    }

    /// Goes on with the handshake as far as the socket lets it; whether this was its end.
    pub(crate) fn ramp(&mut self, buffer: &mut [u8]) -> Outcome<bool> {
        if self.phase == Phase::Connecting {
            let error = self.stream.take_error().ok().flatten();
            if let Some(cause) = error {
                return Err(Failure::of("connect")(cause));
            }
            if self.stream.peer_addr().is_err() {
                return Ok(false);
            }
            self.stream
                .set_nodelay(true)
                .map_err(Failure::of("switch Nagle's delay off"))?;
            if self.unsent.is_empty() {
                self.phase = Phase::Plain;
                return Ok(true);
            }
            self.phase = Phase::Upgrading;
        }
        if self.phase != Phase::Upgrading {
            return Ok(false);
        }
        self.flush()?;
        self.upgrade(buffer)?;
        Ok(self.phase == Phase::Open)
    }

    fn upgrade(&mut self, buffer: &mut [u8]) -> Outcome {
        let mut drained = false;
        while !drained {
            let (filled, empty) = self.fill(buffer)?;
            drained = empty;
            self.partial.extend_from_slice(&buffer[..filled]);
        }
        let end = self.partial.windows(4).position(|end| end == b"\r\n\r\n");
        let Some(end) = end else {
            if self.partial.len() > HEAD_BYTES_MAX {
                return Err(Failure::new(
                    "the server's response to the upgrade has no end",
                ));
            }
            return Ok(());
        };
        let head = String::from_utf8_lossy(&self.partial[..end]);
        if !head.starts_with("HTTP/1.1 101") || !head.contains(ACCEPT) {
            let text = format!("the server did not agree to the upgrade: {head}");
            return Err(Failure::new(text));
        }
        if self.deflate && !head.contains("permessage-deflate") {
            return Err(Failure::new("the server does not compress"));
        }
        self.partial.drain(..end + 4);
        self.phase = Phase::Open;
        Ok(())
    }

    /// Sends `bytes` after what is still unsent.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Outcome {
        if bytes.is_empty() {
            return Ok(());
        }
        if !self.unsent.is_empty() {
            self.unsent.extend_from_slice(bytes);
            return Ok(());
        }
        let taken = write(&mut self.stream, bytes)?;
        self.unsent.extend_from_slice(&bytes[taken..]);
        Ok(())
    }

    /// Sends what is still unsent, as far as the kernel takes it.
    pub(crate) fn flush(&mut self) -> Outcome {
        while !self.unsent.is_empty() {
            let taken = write(&mut self.stream, &self.unsent)?;
            if taken == 0 {
                break;
            }
            self.unsent.drain(..taken);
        }
        Ok(())
    }

    /// Reads once into `buffer`, hands each whole frame or answer to `hear` and keeps the rest; whether the socket is
    /// drained. `buffer` must be larger than any of them. Pings are answered here.
    pub(crate) fn read(
        &mut self,
        buffer: &mut [u8],
        mut hear: impl FnMut(Heard<'_>) -> Outcome,
    ) -> Outcome<bool> {
        let kept = self.partial.len();
        buffer[..kept].copy_from_slice(&self.partial);
        self.partial.clear();
        let (filled, drained) = self.fill(&mut buffer[kept..])?;
        let mut bytes = &buffer[..kept + filled];
        if self.phase == Phase::Plain {
            while let Some(answer) = answer::take(&mut bytes)? {
                hear(Heard::Answer(answer))?;
            }
        } else {
            while let Some(frame) = frame::take(&mut bytes)? {
                self.sort(frame, &mut hear)?;
            }
        }
        self.partial.extend_from_slice(bytes);
        Ok(drained)
    }

    /// Answers or passes on.
    fn sort(&mut self, frame: Frame<'_>, hear: &mut impl FnMut(Heard<'_>) -> Outcome) -> Outcome {
        match frame.opcode {
            frame::PING => {
                let mut pong = Vec::new();
                frame::append(frame::PONG, frame.payload, &mut pong);
                self.send(&pong)
            }
            frame::PONG => Ok(()),
            _ if frame.deflated && !self.deflate => Err(Failure::new(
                "the server compressed for a client that did not ask",
            )),
            _ => hear(Heard::Frame(frame)),
        }
    }

    /// How many bytes were read, and whether there are no more for now. Less than was asked for means none.
    fn fill(&mut self, buffer: &mut [u8]) -> Outcome<(usize, bool)> {
        match self.stream.read(buffer) {
            Ok(0) => Err(Failure::new("the server hung up")),
            Ok(read) => Ok((read, read < buffer.len())),
            Err(cause) if cause.kind() == ErrorKind::WouldBlock => Ok((0, true)),
            Err(cause) => Err(Failure::of("read from the server")(cause)),
        }
    }
}

fn write(stream: &mut TcpStream, bytes: &[u8]) -> Outcome<usize> {
    match stream.write(bytes) {
        Ok(taken) => Ok(taken),
        Err(cause) if cause.kind() == ErrorKind::WouldBlock => Ok(0),
        Err(cause) => Err(Failure::of("send to the server")(cause)),
    }
}
