//! Text: a string in quotes.

use serde::Serializer;

/// Appends a text as a JSON string.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    if !is_plain(text.as_bytes()) {
        // Nothing fails: a vector takes all that it is given.
        let _ = serde_json::Serializer::new(out).serialize_str(text);
        return;
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Whether the text stands for itself between quotes. Words overlap where its length makes them.
fn is_plain(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk() {
        let (words, _) = text.as_chunks();
        return words.iter().chain([last]).all(|word| is_plain_word(*word));
    }
    if let (Some([a, b, c, d]), Some([e, f, g, h])) = (text.first_chunk(), text.last_chunk()) {
        return is_plain_word([*a, *b, *c, *d, *e, *f, *g, *h]);
    }
    text.iter().all(|byte| is_plain_word([*byte; 8]))
}

/// Looks at eight bytes at once. A limit that is taken off each of them sets the highest bit of a byte below it; the borrow
/// may set that of the next byte too, but only beside one that was found. A quote is zero, and so below one, when it is
/// flipped away; a backslash too.
fn is_plain_word(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::MAX / 0xff;
    let word = u64::from_le_bytes(word);
    let below = |limit: u8, word: u64| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let is = |byte: u8| below(1, word ^ (ONES * u64::from(byte)));
    (below(b' ', word) | is(b'"') | is(b'\\')) & (ONES << 7) == 0
}
