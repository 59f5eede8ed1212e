//! A client for the fuzzing server of the Autobahn test suite: `autobahn_client 127.0.0.1:9001 my-agent`.
//!
//! It answers every case over a plain [`TcpStream`], and shows all that a program brings along: a socket, a nonce, buffers.

use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sockeye_protocol::handshake::{Agreed, Offer};
use sockeye_protocol::{
    CloseFrame, DeflateConfig, Endpoint, Event, Limits, MessageKind, Role, State, Workspace,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Section 9 of the suite sends messages of 16 MiB, and 4 MiB in pieces of 64 bytes with an empty one at the end.
const LIMITS: Limits = Limits {
    message_bytes: 16 * 1024 * 1024,
    frame_bytes: 16 * 1024 * 1024,
    fragments: 64 * 1024 + 1,
};

/// Sections 12 and 13 compute for a while on a slow machine.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// After the closing handshake only the end of the stream is left to come.
const FAREWELL_MAX: Duration = Duration::from_secs(5);

/// No answer to a handshake needs more.
const HEAD_BYTES_MAX: usize = 16 * 1024;

const READ_BYTES: usize = 64 * 1024;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, agent] = arguments.as_slice() else {
        return Err("expected the address of the fuzzing server and a name for its report".into());
    };
    let count = Connection::open(address, "/getCaseCount")?.run(false)?;
    for case in 1..=count.parse::<u32>()? {
        let path = format!("/runCase?case={case}&agent={agent}");
        // Many cases end in an error, as they must; the report of the server judges how.
        let _ = Connection::open(address, &path).and_then(|connection| connection.run(true));
    }
    Connection::open(address, &format!("/updateReports?agent={agent}"))?.run(false)?;
    Ok(())
}

/// A socket with the protocol on top, and the buffers between them.
struct Connection {
    stream: TcpStream,
    endpoint: Endpoint,
    workspace: Workspace,
    input: Vec<u8>,
    output: Vec<u8>,
    last_text: String,
}

impl Connection {
    fn open(address: &str, path: &str) -> Outcome<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(SILENCE_MAX))?;
        let wishes = DeflateConfig::default()
            .server_context_takeover(true)
            .client_context_takeover(true);
        let offer = Offer::new(nonce()).deflate(wishes);
        stream.write_all(&request(address, path, &offer))?;
        let (agreed, input) = response(&mut stream, &offer)?;
        Ok(Self {
            stream,
            endpoint: Endpoint::new(Role::Client, agreed.deflate),
            workspace: Workspace::default(),
            input,
            output: Vec::new(),
            last_text: String::new(),
        })
    }

    /// Stays until the connection ends, and gives the last text message.
    fn run(mut self, echoes: bool) -> Outcome<String> {
        loop {
            self.answer_input(echoes)?;
            self.stream.write_all(&self.output)?;
            self.output.clear();
            if self.endpoint.state() == State::Closed {
                self.stream.set_read_timeout(Some(FAREWELL_MAX))?;
                // All is said: it does not matter how the server hangs up.
                let _ = io::copy(&mut self.stream, &mut io::sink());
                return Ok(self.last_text);
            }
            if read_more(&mut self.stream, &mut self.input)? == 0 {
                return Err("the server hung up without a closing handshake".into());
            }
        }
    }

    /// Takes all events out of the input, and puts what they call for into the output.
    fn answer_input(&mut self, echoes: bool) -> Outcome {
        let mut at = 0;
        loop {
            let (endpoint, output) = (&mut self.endpoint, &mut self.output);
            let outbound = &mut self.workspace.outbound;
            let inbound = &mut self.workspace.inbound;
            let received = endpoint.receive(&mut self.input[at..], &LIMITS, inbound);
            let received = match received {
                Ok(received) => received,
                Err(error) => {
                    let (code, reason) = (error.close_code(), "");
                    endpoint.close(Some(CloseFrame { code, reason }), output, outbound);
                    break;
                }
            };
            at += received.consumed;
            match received.event {
                None => break,
                Some(Event::Text(text)) if echoes => {
                    endpoint.send(MessageKind::Text, text.as_bytes(), output, outbound)?;
                }
                Some(Event::Text(text)) => text.clone_into(&mut self.last_text),
                Some(Event::Binary(payload)) => {
                    endpoint.send(MessageKind::Binary, payload, output, outbound)?;
                }
                Some(Event::Ping(payload)) => endpoint.pong(payload, output, outbound)?,
                Some(Event::Pong(_)) => {}
                Some(Event::Close(frame)) => {
                    endpoint.close(frame, output, outbound);
                }
            }
        }
        self.input.clear();
        Ok(())
    }
}

fn request(address: &str, path: &str, offer: &Offer) -> Vec<u8> {
    let mut request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n").into_bytes();
    for (name, value) in &offer.headers() {
        request.extend_from_slice(name.as_str().as_bytes());
        request.extend_from_slice(b": ");
        request.extend_from_slice(value.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request
}

/// What the server agreed to, and what it sent right behind that.
fn response(stream: &mut TcpStream, offer: &Offer) -> Outcome<(Agreed, Vec<u8>)> {
    let mut input = Vec::new();
    let end = loop {
        if let Some(at) = input.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if input.len() > HEAD_BYTES_MAX || read_more(stream, &mut input)? == 0 {
            return Err("the server sent no HTTP response".into());
        }
    };
    let mut lines = str::from_utf8(&input[..end])?.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let status = StatusCode::from_bytes(status.unwrap_or_default().as_bytes())?;
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        headers.append(
            HeaderName::try_from(name)?,
            HeaderValue::try_from(value.trim())?,
        );
    }
    let agreed = offer.check_response(status, &headers)?;
    Ok((agreed, input.split_off(end)))
}

fn read_more(stream: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<usize> {
    let filled = input.len();
    input.resize(filled + READ_BYTES, 0);
    let read = stream.read(&mut input[filled..]);
    input.truncate(filled + read.as_ref().copied().unwrap_or_default());
    read
}

/// Two hashes with keys that the standard library draws at random.
fn nonce() -> [u8; 16] {
    let half = || u128::from(RandomState::new().hash_one(()));
    (half() << 64 | half()).to_ne_bytes()
}
