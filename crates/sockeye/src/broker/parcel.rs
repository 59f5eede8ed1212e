//! Parcel: bytes on their way to a topic.

use std::sync::Arc;

use bytes::Bytes;

use crate::error::Error;

/// What a [`Session`](crate::Session) publishes: bytes, and the topic whose subscribers get them.
///
/// Topics are short: at most 255 bytes of `A-Z a-z 0-9 - _ . ~ % : !`. The bytes are any.
#[derive(Clone, Debug)]
pub struct Parcel {
    topic: Arc<str>,
    bytes: Bytes,
}

impl Parcel {
    pub(crate) fn new(topic: Arc<str>, bytes: Bytes) -> Self {
        Self { topic, bytes }
    }

    /// The topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    pub(crate) fn shared_topic(&self) -> &Arc<str> {
        &self.topic
    }

    /// What its subscribers get. Cheap to clone.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// A parcel or a topic that the service did not take, while it went on taking others.
#[derive(Debug)]
pub struct Refused {
    /// Which of those in the call, from 0.
    pub index: usize,
    /// What the service says.
    pub why: Error,
}
