//! Requests: edits of a faultless handshake, and the status each of them gets.

use futures_util::future::join_all;

use crate::harness::Server;

/// One change to the faultless request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edit<'a> {
    /// Another request line.
    Line(&'a str),
    /// This header line in place of those of its name.
    Set(&'a str),
    /// One more header line, at the end.
    Add(&'a str),
    /// No header of this name.
    Drop(&'a str),
    /// Bytes behind the empty line.
    Body(&'a str),
}

/// A request, and the status that answers it.
pub(crate) type Case<'a> = (&'a str, &'a [Edit<'a>], u16);

const FAULTLESS: [&str; 5] = [
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

const CASES_AT_ONCE: usize = 16;

/// Plays all cases, each on a connection of its own; gives how many there were, once all were answered right.
pub(crate) async fn play(server: &Server, cases: &[Case<'_>]) -> usize {
    let mut wrong = Vec::new();
    for some in cases.chunks(CASES_AT_ONCE) {
        let answers = join_all(some.iter().map(|case| answer(server, case))).await;
        wrong.extend(answers.into_iter().filter_map(Result::err));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    cases.len()
}

async fn answer(server: &Server, (why, edits, status): &Case<'_>) -> Result<(), String> {
    let mut raw = server.raw().await;
    raw.offer(request(edits).as_bytes()).await;
    let response = raw.response().await;
    let told = |name: &str, value: &str| response.header(name) == Some(value);
    let right = match response.status {
        101 => {
            told("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
                && told("upgrade", "websocket")
        }
        405 => told("allow", "GET"),
        426 => told("sec-websocket-version", "13"),
        _ => true,
    };
    if response.status != *status || !right {
        return Err(format!("{why}: expected {status}, found {response:?}"));
    }
    if *status == 101 {
        raw.lives().await;
    }
    Ok(())
}

/// The faultless request with `edits`.
pub(crate) fn request(edits: &[Edit<'_>]) -> String {
    let mut line = "GET /echo HTTP/1.1";
    let mut headers = FAULTLESS.to_vec();
    let mut body = "";
    for edit in edits {
        match edit {
            Edit::Line(new) => line = new,
            Edit::Add(new) => headers.push(new),
            Edit::Drop(name) => headers.retain(|header| !is_named(header, name)),
            Edit::Body(new) => body = new,
            Edit::Set(new) => {
                let name = new.split_once(':').map_or(*new, |(name, _)| name);
                headers.retain(|header| !is_named(header, name));
                headers.push(new);
            }
        }
    }
    format!("{line}\r\n{}\r\n\r\n{body}", headers.join("\r\n"))
}

fn is_named(header: &str, name: &str) -> bool {
    header
        .split_once(':')
        .is_some_and(|(found, _)| found.eq_ignore_ascii_case(name))
}
