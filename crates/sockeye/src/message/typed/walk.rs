//! Walk: one look over MessagePack bytes, so that no length in them is believed before it is seen to be true.

/// How deep values may nest, as in `serde_json`: each level is a call on the stack.
pub(crate) const DEPTH: usize = 128;

/// Sees that `bytes` are exactly one value: every text, list and map as long as it says, and nothing behind it. It needs
/// no memory, and time by the length.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn check(bytes: &[u8]) -> Result<(), &'static str> {
    let mut walk = Walk { rest: bytes };
    walk.value(DEPTH)?;
    match walk.rest {
        [] => Ok(()),
        _ => Err("there is more behind the message"),
    }
}

struct Walk<'a> {
    rest: &'a [u8],
}

impl Walk<'_> {
    fn value(&mut self, depth: usize) -> Result<(), &'static str> {
        let marker = self.number(1)?;
        match marker {
            // Small numbers, nil, booleans.
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => Ok(()),
            // Maps and lists, short ones with their length in the marker.
            0x80..=0x8f => self.values(2 * (marker - 0x80), depth),
            0x90..=0x9f => self.values(marker - 0x90, depth),
            0xdc => self.counted(2, 1, depth),
            0xdd => self.counted(4, 1, depth),
            0xde => self.counted(2, 2, depth),
            0xdf => self.counted(4, 2, depth),
            _ => self.flat(marker),
        }
    }

    /// A value that holds no others.
    fn flat(&mut self, marker: u64) -> Result<(), &'static str> {
        match marker {
            0xa0..=0xbf => self.skip(marker - 0xa0),
            // Bytes and texts, by the width of their length.
            0xc4 | 0xd9 => self.sized(1, 0),
            0xc5 | 0xda => self.sized(2, 0),
            0xc6 | 0xdb => self.sized(4, 0),
            // Extensions, with a byte for their type.
            0xc7 => self.sized(1, 1),
            0xc8 => self.sized(2, 1),
            0xc9 => self.sized(4, 1),
            0xd4..=0xd8 => self.skip(1 + (1 << (marker - 0xd4))),
            // Floats, unsigned and signed numbers.
            0xca => self.skip(4),
            0xcb => self.skip(8),
            0xcc..=0xcf => self.skip(1 << (marker - 0xcc)),
            0xd0..=0xd3 => self.skip(1 << (marker - 0xd0)),
            _ => Err("a byte stands for no value"),
        }
    }

    /// A count of this width, and as many times so many values.
    fn counted(&mut self, width: usize, each: u64, depth: usize) -> Result<(), &'static str> {
        let count = self.number(width)?;
        self.values(each * count, depth)
    }

    fn values(&mut self, count: u64, depth: usize) -> Result<(), &'static str> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err("the message nests deeper than 128 levels");
        };
        (0..count).try_for_each(|_| self.value(depth))
    }

    /// A length of this width, and that many bytes and `more`.
    fn sized(&mut self, width: usize, more: u64) -> Result<(), &'static str> {
        let length = self.number(width)?;
        self.skip(length + more)
    }

    fn number(&mut self, width: usize) -> Result<u64, &'static str> {
        let (number, rest) = self.rest.split_at_checked(width).ok_or(ENDS)?;
        self.rest = rest;
        Ok(number
            .iter()
            .fold(0, |all, byte| all << 8 | u64::from(*byte)))
    }

    fn skip(&mut self, length: u64) -> Result<(), &'static str> {
        let length = usize::try_from(length).map_err(|_| ENDS)?;
        self.rest = self.rest.get(length..).ok_or(ENDS)?;
        Ok(())
    }
}

const ENDS: &str = "the message ends before it is whole";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;

    #[test]
    fn lengths_that_are_not_true_are_found_at_once() {
        let table: [&[u8]; 8] = [
            &[],
            &[0xdd, 0xff, 0xff, 0xff, 0xff],
            &[0xdf, 0xff, 0xff, 0xff, 0xff, 0xc0],
            &[0xdb, 0xff, 0xff, 0xff, 0xff, b'a'],
            &[0xc9, 0xff, 0xff, 0xff, 0xff, 1],
            &[0x92, 0xc0],
            &[0xc0, 0xc0],
            &[0xc1],
        ];
        for bytes in table {
            assert!(check(bytes).is_err(), "{bytes:x?}");
        }
    }

    #[test]
    fn depth_has_a_limit() {
        let nested = |levels: usize| [vec![0x91; levels], vec![0xc0]].concat();
        assert_eq!(check(&nested(128)), Ok(()));
        assert!(check(&nested(129)).is_err());
        assert!(check(&nested(1_000_000)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_taken_is_what_the_parser_takes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if check(&bytes).is_ok() {
                prop_assert!(rmp_serde::from_slice::<IgnoredAny>(&bytes).is_ok());
            }
        }
    }
}
