//! Answers of plain HTTP, as far as a load generator must read them (RFC 9112 section 6).

use bench::{Failure, Outcome};

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A head that is longer than this has no end.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// A whole answer of a server.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

/// Takes the first answer off `bytes`, or nothing while it is not whole.
///
/// # Errors
/// When what begins there is no answer of HTTP/1.1, or one that does not tell its length.
pub(crate) fn take<'a>(bytes: &mut &'a [u8]) -> Outcome<Option<Answer<'a>>> {
    let mut windows = bytes.windows(END_OF_HEAD.len());
    let Some(end) = windows.position(|window| window == END_OF_HEAD) else {
        if bytes.len() > HEAD_BYTES_MAX {
            return Err(Failure::new("the head of the server's answer has no end"));
        }
        return Ok(None);
    };
    let head = String::from_utf8_lossy(&bytes[..end]);
    let found = status(&head).zip(length(&head));
    let (status, length) =
        found.ok_or_else(|| Failure::new(format!("cannot read the server's answer: {head}")))?;
    let start = end + END_OF_HEAD.len();
    let Some(body) = bytes.get(start..start.saturating_add(length)) else {
        return Ok(None);
    };
    *bytes = &bytes[start + length..];
    Ok(Some(Answer { status, body }))
}

fn status(head: &str) -> Option<u16> {
    let (_, rest) = head.split_once("HTTP/1.1 ")?;
    rest.get(..3)?.parse().ok()
}

fn length(head: &str) -> Option<usize> {
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.next()?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_when_they_are_whole() {
        let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        for cut in 0..wire.len() {
            assert_eq!(take(&mut &wire[..cut]).unwrap(), None);
        }
        let mut two: &[u8] = &[&wire[..], b"HTTP"].concat();
        let answer = Answer {
            status: 200,
            body: b"{}",
        };
        assert_eq!(take(&mut two).unwrap(), Some(answer));
        assert_eq!(two, b"HTTP");
    }

    #[test]
    fn what_tells_no_length_is_refused() {
        assert!(take(&mut &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"[..]).is_err());
        assert!(take(&mut &b"SSH-2.0\r\n\r\n"[..]).is_err());
    }
}
