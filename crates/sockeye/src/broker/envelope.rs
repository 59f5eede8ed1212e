//! Envelope: the bytes in which a message travels between nodes, and those that other programs may send.
//!
//! Numbers are big endian.
//!
//! | bytes | what |
//! |---|---|
//! | `FF` | tells an envelope from plain text: no UTF-8 begins with it |
//! | `01` | the version |
//! | 1 | the kind: 0 a message, 1 a position (how far a node has counted), 2 a notice of the nodes to each other |
//! | 1 | flags: 1 text, 2 for handlers, 4 typed, 8 stamped, 16 keyed, 32 marked |
//! | 24, if stamped | node, stream, sequence |
//! | 1 + n, if keyed | length of the key, the key |
//! | 8 + 2 + n, if marked | number of the connection (0: none), length of the user's id (`FFFF`: none), the id |
//! | the rest | the payload |
//!
//! Whatever is UTF-8 as a whole is a typed text message for clients: a program in another language publishes the JSON and
//! nothing else.

use std::sync::Arc;

use bytes::Bytes;

use crate::broker::{Publication, Stamp};
use crate::connection::{Frame, Origin};
use crate::id::{ConnectionId, NodeId, UserId};
use crate::message::MessageKind;

const MAGIC: u8 = 0xFF;
const VERSION: u8 = 1;

const MESSAGE: u8 = 0;
const POSITION: u8 = 1;
const NOTICE: u8 = 2;

const TEXT: u8 = 1;
const FOR_HANDLERS: u8 = 2;
const TYPED: u8 = 4;
const STAMPED: u8 = 8;
const KEYED: u8 = 16;
const MARKED: u8 = 32;

/// Where the stamp is, when there is one.
const STAMP: std::ops::Range<usize> = 4..28;
/// Stands for a user that is not known.
const NO_USER: u16 = u16::MAX;

/// What an envelope holds.
#[derive(Debug)]
pub(crate) enum Contents<'a> {
    Message(Option<Stamp>, Letter<'a>),
    Position(Stamp),
    Notice(Stamp, &'a [u8]),
}

/// A message that nobody has copied yet.
#[derive(Debug)]
pub(crate) struct Letter<'a> {
    kind: MessageKind,
    typed: bool,
    for_handlers: bool,
    key: Option<&'a str>,
    origin: Option<Origin>,
    payload: &'a [u8],
}

/// Bytes that are no envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("neither an envelope nor UTF-8 text")]
    Foreign,
    #[error("an envelope of version {0}, of which this node knows nothing")]
    Version(u8),
    #[error("an envelope of kind {0}, of which this node knows nothing")]
    Kind(u8),
    #[error("an envelope that is cut off")]
    Short,
    #[error("an envelope whose text is not UTF-8")]
    Text,
}

/// Writes a message, with room for its stamp.
pub(crate) fn message(publication: &Publication) -> Vec<u8> {
    let frame = &publication.frame;
    let (kind, payload) = frame.payload();
    let flags = flag(TEXT, kind == MessageKind::Text)
        | flag(FOR_HANDLERS, publication.for_handlers)
        | flag(TYPED, frame.is_typed())
        | flag(KEYED, frame.key().is_some())
        | flag(MARKED, frame.origin().is_some())
        | STAMPED;
    let mut out = Vec::with_capacity(STAMP.end + payload.len() + 16);
    out.extend_from_slice(&[MAGIC, VERSION, MESSAGE, flags]);
    out.resize(STAMP.end, 0);
    if let Some(key) = frame.key() {
        // Keys of more than 255 bytes were refused.
        out.push(u8::try_from(key.len()).unwrap_or_default());
        out.extend_from_slice(key.as_bytes());
    }
    if let Some(origin) = frame.origin() {
        write_origin(origin, &mut out);
    }
    out.extend_from_slice(payload);
    out
}

/// Puts the stamp of a message in its place.
pub(crate) fn stamp(stamp: Stamp, mut message: Vec<u8>) -> Bytes {
    message[STAMP].copy_from_slice(&stamp_bytes(stamp));
    message.into()
}

/// Writes how far a node has counted.
pub(crate) fn position(stamp: Stamp) -> Bytes {
    small(POSITION, stamp, &[])
}

/// Writes what a node tells the others.
pub(crate) fn notice(stamp: Stamp, body: &[u8]) -> Bytes {
    small(NOTICE, stamp, body)
}

/// The stamp of a message or of a topic's position.
pub(crate) fn stamp_of(envelope: &[u8]) -> Option<Stamp> {
    match open(envelope) {
        Ok(Contents::Message(stamp, _)) => stamp,
        Ok(Contents::Position(stamp)) => Some(stamp).filter(|stamp| stamp.stream > 0),
        _ => None,
    }
}

/// Whether it is a message.
pub(crate) fn is_message(bytes: &[u8]) -> bool {
    bytes.starts_with(&[MAGIC, VERSION, MESSAGE])
}

/// Whether it is a notice.
pub(crate) fn is_notice(bytes: &[u8]) -> bool {
    bytes.starts_with(&[MAGIC, VERSION, NOTICE])
}

fn small(kind: u8, stamp: Stamp, body: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(STAMP.end + body.len());
    out.extend_from_slice(&[MAGIC, VERSION, kind, STAMPED]);
    out.extend_from_slice(&stamp_bytes(stamp));
    out.extend_from_slice(body);
    out.into()
}

fn stamp_bytes(stamp: Stamp) -> [u8; 24] {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&stamp.node.to_bits().to_be_bytes());
    bytes[8..16].copy_from_slice(&stamp.stream.to_be_bytes());
    bytes[16..].copy_from_slice(&stamp.sequence.to_be_bytes());
    bytes
}

fn write_origin(origin: &Origin, out: &mut Vec<u8>) {
    let connection = origin.connection.map_or(0, |id| id.local());
    out.extend_from_slice(&connection.to_be_bytes());
    let user = origin.user.as_ref().map(UserId::as_str);
    // One so long is nobody's own on other nodes.
    let user = user.filter(|user| user.len() < usize::from(NO_USER));
    let length = user.map_or(NO_USER, |user| u16::try_from(user.len()).unwrap_or(NO_USER));
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(user.unwrap_or_default().as_bytes());
}

fn flag(flag: u8, is_set: bool) -> u8 {
    if is_set { flag } else { 0 }
}

/// Opens what a broker has brought.
///
/// # Errors
/// [`Unreadable`]; nothing of it may reach a client then.
pub(crate) fn open(bytes: &[u8]) -> Result<Contents<'_>, Unreadable> {
    let Some(mut rest) = bytes.strip_prefix(&[MAGIC]).map(Rest) else {
        return plain(bytes);
    };
    let [version, kind, flags] = rest.array()?;
    if version != VERSION {
        return Err(Unreadable::Version(version));
    }
    let stamp = match flags & STAMPED {
        0 => None,
        _ => Some(rest.stamp()?),
    };
    match (kind, stamp) {
        (MESSAGE, stamp) => Ok(Contents::Message(stamp, rest.letter(flags, stamp)?)),
        (POSITION, Some(stamp)) => Ok(Contents::Position(stamp)),
        (NOTICE, Some(stamp)) => Ok(Contents::Notice(stamp, rest.0)),
        (POSITION | NOTICE, None) => Err(Unreadable::Short),
        (kind, _) => Err(Unreadable::Kind(kind)),
    }
}

fn plain(bytes: &[u8]) -> Result<Contents<'_>, Unreadable> {
    str::from_utf8(bytes).map_err(|_| Unreadable::Foreign)?;
    let letter = Letter {
        kind: MessageKind::Text,
        typed: true,
        for_handlers: false,
        key: None,
        origin: None,
        payload: bytes,
    };
    Ok(Contents::Message(None, letter))
}

impl Letter<'_> {
    /// Copies the message into a frame for the members of a topic.
    pub(crate) fn into_publication(self, topic: Arc<str>) -> Publication {
        let mut frame = Frame::received(self.kind, self.payload, self.typed, self.origin);
        if let Some(key) = self.key {
            frame = frame.keyed(key.into());
        }
        Publication {
            topic,
            frame,
            for_handlers: self.for_handlers,
        }
    }
}

/// What has not been read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Unreadable> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Unreadable::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| Unreadable::Short)
    }

    fn number(&mut self) -> Result<u64, Unreadable> {
        self.array().map(u64::from_be_bytes)
    }

    fn text(&mut self, length: usize) -> Result<&'a str, Unreadable> {
        str::from_utf8(self.take(length)?).map_err(|_| Unreadable::Text)
    }

    fn stamp(&mut self) -> Result<Stamp, Unreadable> {
        Ok(Stamp {
            node: NodeId::from_bits(self.number()?),
            stream: self.number()?,
            sequence: self.number()?,
        })
    }

    fn letter(mut self, flags: u8, stamp: Option<Stamp>) -> Result<Letter<'a>, Unreadable> {
        let mut key = None;
        if flags & KEYED != 0 {
            let [length] = self.array()?;
            key = Some(self.text(length.into())?);
        }
        let mut origin = None;
        if flags & MARKED != 0 {
            origin = Some(self.origin(stamp)?);
        }
        let is_text = flags & TEXT != 0;
        if is_text && str::from_utf8(self.0).is_err() {
            return Err(Unreadable::Text);
        }
        Ok(Letter {
            kind: if is_text {
                MessageKind::Text
            } else {
                MessageKind::Binary
            },
            typed: flags & TYPED != 0,
            for_handlers: flags & FOR_HANDLERS != 0,
            key,
            origin,
            payload: self.0,
        })
    }

    fn origin(&mut self, stamp: Option<Stamp>) -> Result<Origin, Unreadable> {
        let connection = self.number()?;
        let length = u16::from_be_bytes(self.array()?);
        let user = match length {
            NO_USER => None,
            length => Some(UserId::from(self.text(length.into())?)),
        };
        let node = stamp.filter(|_| connection != 0).map(|stamp| stamp.node);
        let connection = node.map(|node| ConnectionId::of(node, connection));
        Ok(Origin { connection, user })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Form;

    fn publication(payload: &str, key: Option<&str>) -> Publication {
        let mut frame = Frame::encode(&payload, Form::DEFAULT, &mut Vec::new()).unwrap();
        if let Some(key) = key {
            frame = frame.keyed(key.into());
        }
        Publication {
            topic: "room:1".into(),
            frame,
            for_handlers: true,
        }
    }

    fn sealed(publication: &Publication) -> (Stamp, Bytes) {
        let given = Stamp {
            node: NodeId::from_bits(7),
            stream: 2,
            sequence: 1 << 40,
        };
        (given, stamp(given, message(publication)))
    }

    #[test]
    fn what_was_sealed_is_found_again() {
        for (payload, key) in [("", None), ("hi", Some("a")), ("hi", Some(""))] {
            let sent = publication(payload, key);
            let (given, bytes) = sealed(&sent);
            let Ok(Contents::Message(Some(found), letter)) = open(&bytes) else {
                panic!("no message with a stamp");
            };
            assert_eq!(found, given);
            let got = letter.into_publication("room:1".into());
            assert_eq!(got.frame.payload(), sent.frame.payload());
            assert_eq!(got.frame.key(), sent.frame.key());
            assert!(got.for_handlers);
        }
    }

    #[test]
    fn origins_keep_their_connection_and_user() {
        let ids = crate::id::ConnectionIds::new(NodeId::from_bits(7));
        let users = [None, Some("ada"), Some("")];
        let connections = [None, Some(ids.next())];
        for (user, connection) in users
            .iter()
            .flat_map(|user| connections.map(|id| (user, id)))
        {
            let user = user.map(UserId::from);
            let origin = Origin { connection, user };
            let frame = Frame::received(MessageKind::Text, b"{}", true, Some(origin.clone()));
            let (_, bytes) = sealed(&Publication {
                topic: "t".into(),
                frame,
                for_handlers: false,
            });
            let Ok(Contents::Message(_, letter)) = open(&bytes) else {
                panic!("no message");
            };
            assert_eq!(letter.origin, Some(origin));
        }
    }

    #[test]
    fn plain_text_is_a_message_and_other_bytes_are_refused() {
        assert!(matches!(open(b"{}"), Ok(Contents::Message(None, _))));
        assert!(matches!(open(b""), Ok(Contents::Message(None, _))));
        assert_eq!(open(b"\x80").unwrap_err(), Unreadable::Foreign);
        assert_eq!(open(b"\xFF\x02\0\0").unwrap_err(), Unreadable::Version(2));
        assert_eq!(open(b"\xFF\x01\x09\0").unwrap_err(), Unreadable::Kind(9));
        assert_eq!(open(b"\xFF\x01\x00\x01\x80").unwrap_err(), Unreadable::Text);
    }

    #[test]
    fn no_cut_and_no_flipped_byte_panics() {
        let (_, bytes) = sealed(&publication("payload", Some("key")));
        for length in 0..STAMP.end + 4 {
            assert!(open(&bytes[..length]).is_err() || length == 0, "{length}");
        }
        for at in 0..bytes.len() {
            for flipped in 0..=u8::MAX {
                let mut bytes = bytes.to_vec();
                bytes[at] = flipped;
                let _ = open(&bytes);
            }
        }
    }
}
