//! Plain: the bytes of a text that stand for themselves between the quotes of JSON (RFC 8259 section 7).

/// How many bytes processors compare at once.
const BLOCK: usize = 16;

/// Whether all of a text does. Words and blocks overlap where its length makes them.
#[inline]
pub(crate) fn is_plain(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk() {
        let (blocks, _) = text.as_chunks();
        return blocks.iter().chain([last]).all(is_plain_block);
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return others(*first) | others(*last) == 0;
    }
    if let (Some([a, b, c, d]), Some([e, f, g, h])) = (text.first_chunk(), text.last_chunk()) {
        return others([*a, *b, *c, *d, *e, *f, *g, *h]) == 0;
    }
    text.iter().all(|byte| others([*byte; 8]) == 0)
}

/// How many bytes do, before the first that does not.
#[inline]
pub(crate) fn count_plain(text: &[u8]) -> usize {
    // Most texts end in their first word.
    match text.first_chunk().map_or(0, |word| others(*word)) {
        0 => count_more(text),
        others => others.trailing_zeros() as usize / 8,
    }
}

fn count_more(text: &[u8]) -> usize {
    let (blocks, _) = text.as_chunks();
    let blocks = blocks.iter().take_while(|block| is_plain_block(block));
    let (before, rest) = text.split_at(blocks.count() * BLOCK);
    let (words, rest) = rest.as_chunks();
    for (at, word) in words.iter().enumerate() {
        let others = others(*word);
        if others != 0 {
            return before.len() + at * 8 + others.trailing_zeros() as usize / 8;
        }
    }
    let rest = rest.iter().take_while(|byte| others([**byte; 8]) == 0);
    before.len() + words.len() * 8 + rest.count()
}

/// Written so that it becomes one comparison of all bytes, and inlined, so that it stays as short as that.
#[inline(always)]
fn is_plain_block(block: &[u8; BLOCK]) -> bool {
    let is_other = |byte: &u8| (*byte < b' ') | (*byte == b'"') | (*byte == b'\\');
    !block.iter().fold(false, |any, byte| any | is_other(byte))
}

/// Looks at eight bytes at once: the highest bit of the first quote, backslash or control character is set, and none
/// before it; those after it say nothing. A limit that is taken off each byte sets the highest bit of those below it; the
/// borrow may set that of the next byte too, but only behind one that was found. A quote is zero, and so below one, when it
/// is flipped away; a backslash too.
#[inline]
fn others(word: [u8; 8]) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    let word = u64::from_le_bytes(word);
    let below = |limit: u8, word: u64| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let is = |byte: u8| below(1, word ^ (ONES * u64::from(byte)));
    (below(b' ', word) | is(b'"') | is(b'\\')) & (ONES << 7)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counted(text: &[u8]) -> usize {
        let plain = |byte: &&u8| **byte >= b' ' && ![b'"', b'\\'].contains(byte);
        text.iter().take_while(plain).count()
    }

    #[test]
    fn every_byte_is_known_at_every_place() {
        let places = (1..40).flat_map(|length| (0..length).map(move |at| (length, at)));
        let bytes = |(length, at)| (0..=255).map(move |byte| (length, at, byte));
        for (length, at, byte) in places.flat_map(bytes) {
            for around in [b'a', 0xff, 0x80, b'!', b'#'] {
                let mut text = vec![around; length];
                text[at] = byte;
                let plain = counted(&text);
                assert_eq!(count_plain(&text), plain, "{text:x?}");
                assert_eq!(is_plain(&text), plain == length, "{text:x?}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_counted_one_by_one(text in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(count_plain(&text), counted(&text));
            prop_assert_eq!(is_plain(&text), counted(&text) == text.len());
        }
    }
}
