//! Tokens and comma-separated lists in header values (RFC 9110 5.6).

use http::{HeaderMap, HeaderName, HeaderValue};

/// Most bytes of a header value that an error repeats.
const EXCERPT_BYTES_MAX: usize = 64;

/// Whether `bytes` are a token: one or more of the characters that names in headers consist of.
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| is_token_byte(*byte))
}

pub(crate) const fn is_token_byte(byte: u8) -> bool {
    matches!(byte,
        b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z')
}

/// The elements of a list that may be spread over several header lines, without the empty ones.
pub(crate) fn elements<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'a [u8]> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|element| !element.is_empty())
}

/// Whether the list has this element in any case.
pub(crate) fn contains(headers: &HeaderMap, name: &HeaderName, element: &str) -> bool {
    elements(headers, name).any(|found| found.eq_ignore_ascii_case(element.as_bytes()))
}

/// The only line of a header: `Err` with the number of lines when there is not exactly one.
pub(crate) fn only<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<&'a HeaderValue, usize> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.count()) {
        (Some(line), 0) => Ok(line),
        (first, more) => Err(usize::from(first.is_some()) + more),
    }
}

/// The start of a value that came from the network, safe to log: printable ASCII of bounded length.
pub(crate) fn excerpt(value: &[u8]) -> String {
    let cut = &value[..value.len().min(EXCERPT_BYTES_MAX)];
    let more = if cut.len() < value.len() { "..." } else { "" };
    format!("{}{more}", cut.escape_ascii())
}
