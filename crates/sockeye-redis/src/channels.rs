//! Channels: what topics are called in Redis.

use std::sync::Arc;

use sockeye::{Error, Result};

/// Longer names only cost every message.
const PREFIX_BYTES_MAX: usize = 64;

/// What stands before every topic, with the colon that parts them.
#[derive(Clone, Debug)]
pub(crate) struct Channels(Arc<str>);

impl Channels {
    pub(crate) fn new(prefix: &str) -> Result<Self> {
        if let Some(found) = fault(prefix) {
            return Err(Error::new(format!(
                "cannot use {prefix:?} as the prefix of Redis channels: {found}; write words of letters, digits, `-`, `_` and \
                 `.` with colons between them, like `chat:production`"
            )));
        }
        Ok(Self(format!("{prefix}:").into()))
    }

    /// The channel of a topic. Topics have no character that means something to Redis.
    pub(crate) fn channel(&self, topic: &str) -> String {
        [&self.0, topic].concat()
    }

    pub(crate) fn all(&self, topics: &[Arc<str>]) -> Vec<String> {
        topics.iter().map(|topic| self.channel(topic)).collect()
    }

    /// The topic of a channel, if it is one of ours.
    pub(crate) fn topic<'a>(&self, channel: &'a [u8]) -> Option<&'a str> {
        let channel = str::from_utf8(channel).ok()?;
        channel.strip_prefix(&*self.0)
    }
}

impl Default for Channels {
    fn default() -> Self {
        Self("sockeye:".into())
    }
}

fn fault(prefix: &str) -> Option<String> {
    if prefix.len() > PREFIX_BYTES_MAX {
        let length = prefix.len();
        return Some(format!(
            "it has {length} bytes, {PREFIX_BYTES_MAX} are allowed"
        ));
    }
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_.:".contains(char);
    if let Some(other) = prefix.chars().find(|&char| !is_plain(char)) {
        return Some(format!("{other:?} is not allowed"));
    }
    let has_empty = prefix.split(':').any(str::is_empty);
    has_empty.then(|| "a word is empty".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_found_again_in_its_channel_alone() {
        let channels = Channels::new("chat:production").unwrap();
        let channel = channels.channel("room:lobby");
        assert_eq!(channel, "chat:production:room:lobby");
        assert_eq!(channels.topic(channel.as_bytes()), Some("room:lobby"));
        assert_eq!(channels.topic(b"sockeye:room:lobby"), None);
        assert_eq!(channels.topic(b"chat:production:\xFF"), None);
        assert_eq!(Channels::default().channel("!nodes"), "sockeye:!nodes");
    }

    #[test]
    fn a_prefix_that_is_none_is_refused_with_what_to_write() {
        let long = "a".repeat(65);
        for (prefix, found) in [
            ("", "a word is empty"),
            ("chat:", "a word is empty"),
            (":chat", "a word is empty"),
            ("a::b", "a word is empty"),
            ("a b", "' ' is not allowed"),
            ("{a}", "'{' is not allowed"),
            ("a*", "'*' is not allowed"),
            ("a\r\nPUBLISH", "'\\r' is not allowed"),
            ("ä", "'ä' is not allowed"),
            (long.as_str(), "it has 65 bytes, 64 are allowed"),
        ] {
            let error = Channels::new(prefix).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(found), "{prefix:?}: {error}");
            assert!(error.contains("chat:production"), "{prefix:?}: {error}");
        }
    }
}
