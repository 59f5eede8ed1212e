//! Marked frames: a broadcast that tells each member whether its own user, or its own connection, sent it.

use std::sync::OnceLock;

use crate::connection::Frame;
use crate::id::{ConnectionId, UserId};
use crate::message::EncodeError;

/// Who published a marked message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// `None` outside of any connection.
    pub(crate) connection: Option<ConnectionId>,
    /// `None` when nobody is signed in.
    pub(crate) user: Option<UserId>,
}

/// The forms of a marked frame but that of everybody else, each made on first need and once: a broadcast has at most
/// three, however many members get it.
#[derive(Debug)]
pub(crate) struct Marks {
    origin: Origin,
    mine: OnceLock<Frame>,
    current: OnceLock<Frame>,
}

/// What everybody else reads.
const OTHERS: &[u8] = b"\"is_mine\":false,\"is_current\":false}";
const MINE: &[u8] = b"\"is_mine\":true,\"is_current\":false}";
const CURRENT: &[u8] = b"\"is_mine\":true,\"is_current\":true}";
/// Nobody is signed in, so that no user can be the same.
const NOBODYS: &[u8] = b"\"is_mine\":false,\"is_current\":true}";

impl Marks {
    pub(crate) fn new(origin: Origin) -> Self {
        Self {
            origin,
            mine: OnceLock::new(),
            current: OnceLock::new(),
        }
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The form for a connection of the sender's user; `others` is everybody else's.
    pub(crate) fn own(&self, connection: ConnectionId, others: &Frame) -> Frame {
        let is_current = self.origin.connection == Some(connection);
        let (form, marks) = match (is_current, &self.origin.user) {
            (true, Some(_)) => (&self.current, CURRENT),
            (true, None) => (&self.current, NOBODYS),
            (false, _) => (&self.mine, MINE),
        };
        form.get_or_init(|| {
            let (kind, payload) = others.payload();
            let unmarked = payload.strip_suffix(OTHERS).unwrap_or(payload);
            Frame::typed(kind, &[unmarked, marks])
        })
        .clone()
    }
}

/// Adds the marks that everybody else reads to a JSON object in `out`.
///
/// # Errors
/// [`EncodeError`] when it is no object.
pub(crate) fn mark(out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let body = out.trim_ascii_end().strip_suffix(b"}");
    let Some(body) = body.map(<[u8]>::trim_ascii_end) else {
        return Err(EncodeError::other(
            "only a JSON object can be marked with its sender",
        ));
    };
    let is_empty = body.ends_with(b"{");
    let length = body.len();
    out.truncate(length);
    if !is_empty {
        out.push(b',');
    }
    out.extend_from_slice(OTHERS);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ConnectionIds, NodeId};

    fn marked(json: &str) -> Result<String, EncodeError> {
        let mut out = json.as_bytes().to_vec();
        mark(&mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn objects_are_marked_and_nothing_else() {
        let whole = r#"{"action":"said","is_mine":false,"is_current":false}"#;
        assert_eq!(marked(r#"{"action":"said"}"#).unwrap(), whole);
        assert_eq!(
            marked("{ }").unwrap(),
            r#"{"is_mine":false,"is_current":false}"#
        );
        for other in ["[1]", "\"said\"", "7", ""] {
            assert!(marked(other).is_err(), "{other}");
        }
    }

    #[test]
    fn the_sender_its_user_and_all_others_read_different_marks() {
        let ids = ConnectionIds::new(NodeId::random());
        let (sender, sibling) = (ids.next(), ids.next());
        let origin = Origin {
            connection: Some(sender),
            user: Some(UserId::from("ada")),
        };
        let mut json = br#"{"action":"said"}"#.to_vec();
        mark(&mut json).unwrap();
        let frame = Frame::typed(crate::message::MessageKind::Text, &[&json]);
        let marks = Marks::new(origin);
        let text = |frame: &Frame| String::from_utf8(frame.payload().1.to_vec()).unwrap();
        assert_eq!(
            text(&marks.own(sender, &frame)),
            r#"{"action":"said","is_mine":true,"is_current":true}"#
        );
        assert_eq!(
            text(&marks.own(sibling, &frame)),
            r#"{"action":"said","is_mine":true,"is_current":false}"#
        );
    }
}
