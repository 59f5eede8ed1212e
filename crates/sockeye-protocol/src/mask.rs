//! Masking (RFC 6455 5.3): the one loop that touches every byte a client sends.

use std::hash::{BuildHasher, RandomState};

/// A masking key. Masking is its own inverse.
pub(crate) type Key = [u8; 4];

/// Masks or unmasks `payload`, whose first byte falls on the first byte of `key`.
pub(crate) fn apply(payload: &mut [u8], key: Key) {
    let [a, b, c, d] = key;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    // Whole words of a fixed size are what the compiler turns into vector instructions.
    let (words, tail) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

/// The key as the byte after `passed` bytes of payload sees it.
pub(crate) fn advance(mut key: Key, passed: usize) -> Key {
    key.rotate_left(passed % 4);
    key
}

/// Where a client's masking keys come from: a keyed hash over a counter.
///
/// RFC 6455 10.3 wants keys that the application cannot foresee. The hash is SipHash under a key that the standard
/// library draws from the operating system's entropy, so knowing payloads and earlier keys does not give the next.
#[derive(Debug, Default)]
pub(crate) struct MaskSource {
    keyed: RandomState,
    drawn: u64,
}

impl MaskSource {
    pub(crate) fn next_key(&mut self) -> Key {
        self.drawn = self.drawn.wrapping_add(1);
        let [a, b, c, d, ..] = self.keyed.hash_one(self.drawn).to_ne_bytes();
        [a, b, c, d]
    }
}

#[cfg(test)]
mod tests {
    use super::{MaskSource, advance, apply};

    #[test]
    fn every_length_and_split_masks_like_the_definition() {
        let key = [0x11, 0x22, 0x44, 0x88];
        for length in 0..70 {
            let plain: Vec<u8> = (0..length).collect();
            let masked: Vec<u8> = plain
                .iter()
                .enumerate()
                .map(|(at, byte)| byte ^ key[at % 4])
                .collect();
            for split in 0..=plain.len() {
                let mut bytes = plain.clone();
                let (head, tail) = bytes.split_at_mut(split);
                apply(head, key);
                apply(tail, advance(key, split));
                assert_eq!(bytes, masked, "length {length} split {split}");
            }
        }
    }

    #[test]
    fn two_sources_and_two_draws_give_different_keys() {
        let draw = |source: &mut MaskSource| [source.next_key(), source.next_key()].concat();
        let (mut one, mut other) = (MaskSource::default(), MaskSource::default());
        let (first, second) = (draw(&mut one), draw(&mut other));
        assert_ne!(first, second);
        assert_ne!(first, draw(&mut one));
    }
}
