//! Text: a string in quotes.

use serde::Serializer;

use crate::message::plain::is_plain;

/// Appends a text as a JSON string.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    write_name(text, out);
}

/// The same for one that is known where this is compiled, so that nothing is left to look at.
#[inline(always)]
pub(crate) fn write_name(text: &str, out: &mut Vec<u8>) {
    if !is_plain(text.as_bytes()) {
        return write_escaped(text, out);
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

#[cold]
fn write_escaped(text: &str, out: &mut Vec<u8>) {
    // Nothing fails: a vector takes all that it is given.
    let _ = serde_json::Serializer::new(out).serialize_str(text);
}
