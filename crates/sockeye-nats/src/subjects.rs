//! Subjects: the names that topics have in NATS.

use std::fmt;
use std::sync::Arc;

use sockeye::{Error, Result};

/// What is before a topic, without the dot between them.
#[derive(Clone)]
pub(crate) struct Subjects(Arc<str>);

impl Subjects {
    /// Tokens that lead to the topics, as in `chat.production`.
    pub(crate) fn new(prefix: &str) -> Result<Self> {
        let refused = |found: &str| {
            Err(Error::new(format!(
                "cannot use {prefix:?} as the prefix of NATS subjects: {found}; write tokens of printable ASCII with \
                 dots between them, such as \"chat.production\""
            )))
        };
        // A subject has 4,096 bytes of its line in the protocol at most, and a topic up to 765 of them.
        if prefix.len() > 255 {
            return refused("it is longer than 255 bytes");
        }
        if let Some(other) = prefix.chars().find(|char| !char.is_ascii_graphic()) {
            return refused(&format!("it has {other:?}"));
        }
        if prefix.contains(['*', '>']) {
            return refused("it has a wildcard");
        }
        if prefix.split('.').any(str::is_empty) {
            return refused("one of its tokens is empty");
        }
        if prefix.starts_with('$') || prefix.starts_with("_INBOX") {
            return refused("NATS has that for itself");
        }
        Ok(Self(prefix.into()))
    }

    /// The subject of a topic: one token more, whatever the topic, so that none is a wildcard or reaches another.
    pub(crate) fn of_topic(&self, topic: &str) -> String {
        // A topic has no `%` but in escapes of two digits, and never escapes a dot itself: this is one to one.
        format!("{}.{}", self.0, topic.replace('.', "%2E"))
    }

    /// The subject of one session's probes: two tokens more, so that no topic has it.
    pub(crate) fn of_probes(&self, session: &str) -> String {
        format!("{}._probe.{session}", self.0)
    }
}

impl Default for Subjects {
    fn default() -> Self {
        Self("sockeye".into())
    }
}

impl fmt::Display for Subjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

    use super::Subjects;

    #[test]
    fn a_topic_is_one_token() {
        let subjects = Subjects::new("chat.production").unwrap();
        let subject = subjects.of_topic("room:v1.2%20b");
        assert_eq!(subject, "chat.production.room:v1%2E2%20b");
        assert_eq!(subjects.of_topic("..."), "chat.production.%2E%2E%2E");
    }

    #[test]
    fn a_prefix_that_is_none_is_refused_with_what_to_write() {
        for (prefix, found) in [
            ("", "empty"),
            ("chat.", "empty"),
            (".chat", "empty"),
            ("chat..x", "empty"),
            ("chat.*", "wildcard"),
            (">", "wildcard"),
            ("my chat", "' '"),
            ("chat\r\nPUB", "'\\r'"),
            ("chät", "'ä'"),
            ("$SYS", "for itself"),
            ("_INBOX.chat", "for itself"),
        ] {
            let error = Subjects::new(prefix).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(found), "{prefix:?}: {error}");
            assert!(error.contains("chat.production"), "{prefix:?}: {error}");
        }
        assert!(Subjects::new(&"x".repeat(256)).is_err());
    }
}
