//! `Sec-WebSocket-Key` and the `Sec-WebSocket-Accept` that answers it (RFC 6455 1.3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// Appended to the key before hashing: no server computes it by accident.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The `Sec-WebSocket-Accept` value for a `Sec-WebSocket-Key` value.
#[must_use]
pub fn accept_key(key: &[u8]) -> String {
    let hash = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    STANDARD.encode(hash)
}

/// Whether `key` is base64 of exactly 16 bytes, in its only canonical spelling.
pub(crate) fn is_valid(key: &[u8]) -> bool {
    let mut nonce = [0; 18];
    STANDARD.decode_slice(key, &mut nonce) == Ok(16)
}

#[cfg(test)]
mod tests {
    use super::{accept_key, is_valid};

    #[test]
    fn the_example_of_the_rfc_is_answered_as_it_says() {
        assert_eq!(
            accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }

    #[test]
    fn only_canonical_base64_of_sixteen_bytes_is_a_key() {
        assert!(is_valid(b"dGhlIHNhbXBsZSBub25jZQ=="));
        for key in [
            &b"dGhlIHNhbXBsZSBub25jZR=="[..],
            b"dGhlIHNhbXBsZSBub25jZQ",
            b"dGhlIHNhbXBsZSBub25jZQ=",
            b"dGhlIHNhbXBsZSBub25jZWE=",
            b"dGhlIHNhbXBsZSBub25jZWFi",
            b"dGhlIHNhbXBsZSBub25j-_==",
            b"dGhlIHNhbXBsZSBub25jZQ== ",
            b"short",
            b"",
        ] {
            assert!(!is_valid(key), "{}", key.escape_ascii());
        }
    }
}
