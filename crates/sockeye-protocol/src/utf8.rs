//! Text that arrives in pieces cut anywhere, also inside a character.

use crate::error::ProtocolError;

/// The text that arrived so far, and the 1-3 bytes of a character whose rest has not.
///
/// The text is a `String`, so it is UTF-8 by its type: nothing that is not gets in, and none is trusted unchecked.
#[derive(Debug, Default)]
pub(crate) struct GrowingText {
    text: String,
    carry: [u8; 4],
    carried: usize,
}

impl GrowingText {
    /// Takes the next piece; fails on the first byte that cannot be part of any text (RFC 6455 8.1).
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<(), ProtocolError> {
        let piece = self.complete_carry(piece)?;
        let (whole, rest) = piece.split_at(complete_prefix(piece));
        let whole = simdutf8::basic::from_utf8(whole).map_err(|_| ProtocolError::InvalidUtf8)?;
        if !may_become_a_character(rest) {
            return Err(ProtocolError::InvalidUtf8);
        }
        self.text.push_str(whole);
        if !rest.is_empty() {
            self.carry[..rest.len()].copy_from_slice(rest);
            self.carried = rest.len();
        }
        Ok(())
    }

    /// The whole text; fails when it ends inside a character.
    pub(crate) fn finish(self) -> Result<String, ProtocolError> {
        if self.carried == 0 {
            Ok(self.text)
        } else {
            Err(ProtocolError::InvalidUtf8)
        }
    }

    /// How many bytes of memory it holds.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.text.capacity()
    }

    /// Feeds the carried character from `piece` and returns what it did not need.
    fn complete_carry<'a>(&mut self, mut piece: &'a [u8]) -> Result<&'a [u8], ProtocolError> {
        while self.carried > 0
            && let [next, rest @ ..] = piece
        {
            self.carry[self.carried] = *next;
            self.carried += 1;
            piece = rest;
            let carried = &self.carry[..self.carried];
            match std::str::from_utf8(carried) {
                Ok(character) => {
                    self.text.push_str(character);
                    self.carried = 0;
                }
                Err(_) if may_become_a_character(carried) => {}
                Err(_) => return Err(ProtocolError::InvalidUtf8),
            }
        }
        Ok(piece)
    }
}

/// How many bytes of `piece` are before a character that its end cuts.
fn complete_prefix(piece: &[u8]) -> usize {
    let tail = piece
        .iter()
        .rev()
        .take(3)
        .position(|byte| byte & 0xc0 != 0x80);
    let Some(back) = tail else {
        return piece.len();
    };
    let start = piece.len() - 1 - back;
    let width = match piece[start] {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
        _ => 1,
    };
    if width > piece.len() - start {
        start
    } else {
        piece.len()
    }
}

/// Whether `bytes` are empty or the beginning of one character.
fn may_become_a_character(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.is_empty(),
        Err(error) => error.valid_up_to() == 0 && error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::GrowingText;

    /// How the bytes end when pushed in pieces of `size`: the text, or how many bytes were taken before the refusal.
    fn grow(bytes: &[u8], size: usize) -> Result<String, usize> {
        let mut text = GrowingText::default();
        for (index, piece) in bytes.chunks(size).enumerate() {
            text.push(piece).map_err(|_| index * size)?;
        }
        text.finish().map_err(|_| bytes.len())
    }

    #[test]
    fn pieces_of_every_size_give_what_the_standard_library_gives() {
        let samples: &[&[u8]] = &[
            "κόσμε – 𝄞 😀 plain".as_bytes(),
            b"",
            b"\xce",
            b"\xf0\x9d\x84",
            b"ab\xc0\xaf",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\xe0\x80\x80",
            b"\x80",
            b"long enough for a vector register, then \xff",
        ];
        for sample in samples {
            let expected = std::str::from_utf8(sample).map(str::to_owned).ok();
            for size in 1..=sample.len().max(1) {
                assert_eq!(grow(sample, size).ok(), expected, "{sample:?} in {size}s");
            }
        }
    }

    #[test]
    fn the_first_impossible_byte_is_refused_when_it_arrives() {
        assert_eq!(grow(b"\xe0\x80\x80", 1), Err(1), "overlong");
        assert_eq!(grow(b"\xed\xa0\x80", 1), Err(1), "surrogate");
        assert_eq!(grow(b"\xf4\x90\x80\x80", 1), Err(1), "above U+10FFFF");
        assert_eq!(grow(b"\xf5", 1), Err(0), "no such first byte");
        assert_eq!(grow(b"a\xe0\x80", 3), Err(0), "impossible end of a piece");
    }
}
