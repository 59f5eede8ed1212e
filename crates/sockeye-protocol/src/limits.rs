//! What one peer may make an endpoint hold.

/// Bounds on what a peer may send, each enforced before any memory is set aside for it; one for any number of endpoints.
///
/// A limit is the largest value that passes: a message of exactly `message_bytes` arrives, one more byte is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one message, after inflating. Default 1 MiB: far above any chat or JSON message, and small
    /// enough that a thousand peers that fill it at once cost one gigabyte.
    pub message_bytes: usize,
    /// Most bytes of one frame's payload, before inflating. Default 1 MiB, so that a whole message may be one frame.
    pub frame_bytes: usize,
    /// Most frames of one message, empty ones too. Default 1,024: browsers send one, streaming clients some hundreds,
    /// and every further frame costs work without bytes to show for it.
    pub fragments: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 1024 * 1024,
            frame_bytes: 1024 * 1024,
            fragments: 1024,
        }
    }
}
