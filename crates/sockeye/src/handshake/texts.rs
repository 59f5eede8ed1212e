//! Texts: byte strings one after the other in one block, each behind its length.

/// Adds a byte string to the end of a block.
pub(super) fn append(block: &mut impl Extend<u8>, text: &[u8]) {
    let mut length = text.len();
    // Seven bits at a time, the lowest first; all but the last say that more follow.
    while length > 0x7f {
        block.extend([(length & 0x7f) as u8 | 0x80]);
        length >>= 7;
    }
    block.extend([length as u8]);
    block.extend(text.iter().copied());
}

/// The byte strings of a block, in the order in which they were added.
#[derive(Clone)]
pub(super) struct Texts<'a>(&'a [u8]);

impl<'a> Texts<'a> {
    /// Reads a block that was filled by [`append`]; of another one whatever can be read.
    pub(super) fn of(block: &'a [u8]) -> Self {
        Self(block)
    }
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let mut length = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_all_lengths_come_out_as_they_went_in() {
        let lengths = [0, 1, 127, 128, 300, 16_383, 16_384, 70_000, 0, 5];
        let texts: Vec<_> = (0_u8..)
            .zip(lengths)
            .map(|(fill, length)| vec![fill; length])
            .collect();
        let mut block = Vec::new();
        texts.iter().for_each(|text| append(&mut block, text));
        assert!(Texts::of(&block).eq(texts.iter().map(|text| &text[..])));
        let overhead = block.len() - lengths.iter().sum::<usize>();
        assert_eq!(overhead, 5 + 3 * 2 + 2 * 3);
    }

    #[test]
    fn a_block_that_breaks_off_ends() {
        assert_eq!(Texts::of(&[]).count(), 0);
        assert_eq!(Texts::of(&[1, b'a', 2, b'b']).count(), 1);
        assert_eq!(Texts::of(&[0xff; 40]).count(), 0);
    }
}
