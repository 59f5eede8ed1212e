//! History: what a client has received so far, for the text of a failing test.

use std::collections::VecDeque;
use std::fmt;

use crate::message::RawMessage;

/// The messages that are told in full.
const MESSAGES_MAX: usize = 16;

/// Characters of each.
const CHARS_MAX: usize = 200;

/// All received messages counted, and the last of them.
#[derive(Default)]
pub(crate) struct History {
    count: usize,
    last: VecDeque<String>,
}

impl History {
    pub(crate) fn note(&mut self, message: &RawMessage) {
        self.count += 1;
        self.last.push_back(excerpt(message));
        if self.last.len() > MESSAGES_MAX {
            self.last.pop_front();
        }
    }
}

/// A message as a test report shows it.
pub(crate) fn excerpt(message: &RawMessage) -> String {
    match message {
        RawMessage::Text(text) => match text.char_indices().nth(CHARS_MAX) {
            Some((end, _)) => format!("{:?}... ({} bytes)", &text[..end], text.len()),
            None => format!("{text:?}"),
        },
        RawMessage::Binary(bytes) => {
            let shown = &bytes[..bytes.len().min(CHARS_MAX / 4)];
            format!("{} bytes {shown:02x?}", bytes.len())
        }
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            0 => return f.write_str("it received nothing so far"),
            1 => f.write_str("it received 1 message so far:")?,
            count if count > self.last.len() => {
                write!(f, "it received {count} messages so far, the last of them:")?;
            }
            count => write!(f, "it received {count} messages so far:")?,
        }
        self.last
            .iter()
            .try_for_each(|message| write!(f, "\n    {message}"))?;
        f.write_str("\n")
    }
}
