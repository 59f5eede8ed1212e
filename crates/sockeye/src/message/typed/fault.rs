//! Fault: what is wrong with a message, and where, as its sender is told.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// Enough to mend a form with; a longer list would let a small message ask for a large answer.
const FAULTS: usize = 16;

/// Characters of a text or a key: both may hold what the client wrote itself.
const TEXT: usize = 200;

/// Why a message was not taken: what the `errors` of an error frame are made of. At most 16.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Faults(Vec<Fault>);

/// One thing that is wrong with a message. On the wire `{"type": .., "loc": [..], "msg": ".."}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    #[serde(rename = "type")]
    kind: FaultKind,
    loc: Vec<Place>,
    msg: Box<str>,
}

/// What kind of mistake it is, in the words that clients of pydantic know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// No JSON, or more than that; also a binary frame where text is spoken.
    JsonInvalid,
    /// No MessagePack, or more than that; also a text frame where MessagePack is spoken.
    #[serde(rename = "msgpack_invalid")]
    MessagePackInvalid,
    /// The message is no object.
    ModelType,
    /// There is no action.
    UnionTagNotFound,
    /// The action is none that is known here.
    UnionTagInvalid,
    /// A field is missing.
    Missing,
    /// A field that the payload does not have, where those are refused.
    ExtraForbidden,
    /// A value of another type, such as a number for a text.
    TypeError,
    /// A value of the right type that will not do.
    ValueError,
}

/// One step on the way to a value: into an object by its key, or into a list by its index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Place {
    /// A key, cut after 200 characters.
    Key(Box<str>),
    /// An index, from 0.
    Index(usize),
}

impl Faults {
    /// Adds one, unless there are 16 already.
    pub fn push(&mut self, fault: Fault) {
        if self.0.len() < FAULTS {
            self.0.push(fault);
        }
    }

    /// The same with all places inside of the value under `key`.
    pub(crate) fn inside(mut self, key: &str) -> Self {
        for fault in &mut self.0 {
            fault.loc.insert(0, Place::key(key));
        }
        self
    }

    /// All of them.
    #[must_use]
    pub fn list(&self) -> &[Fault] {
        &self.0
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The status of an error frame: 400 for what is no message with a known action, 422 for one with a wrong payload.
    #[must_use]
    pub fn code(&self) -> u16 {
        let of_payload = self.0.iter().all(|fault| match fault.kind {
            FaultKind::JsonInvalid
            | FaultKind::MessagePackInvalid
            | FaultKind::ModelType
            | FaultKind::UnionTagNotFound
            | FaultKind::UnionTagInvalid => false,
            FaultKind::Missing
            | FaultKind::ExtraForbidden
            | FaultKind::TypeError
            | FaultKind::ValueError => true,
        });
        if of_payload { 422 } else { 400 }
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl Fault {
    /// A fault at a place, told in a text of which the first 200 characters are kept.
    #[must_use]
    pub fn new<'a>(
        kind: FaultKind,
        loc: impl IntoIterator<Item = Place>,
        msg: impl Into<Cow<'a, str>>,
    ) -> Self {
        Self {
            kind,
            loc: loc.into_iter().collect(),
            msg: cut(&msg.into(), TEXT).into(),
        }
    }

    /// The kind of mistake.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// Where it is, from the outermost key; empty for the message as a whole.
    #[must_use]
    pub fn loc(&self) -> &[Place] {
        &self.loc
    }

    /// What is wrong there.
    #[must_use]
    pub fn msg(&self) -> &str {
        &self.msg
    }
}

impl Place {
    /// A key, of which the first 200 characters are kept.
    #[must_use]
    pub fn key(key: &str) -> Self {
        Self::Key(cut(key, TEXT).into())
    }
}

/// The first `max` characters.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    let end = text.char_indices().nth(max).map(|(at, _)| at);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            write!(f, "{comma}{fault}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, place) in self.loc.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            match place {
                Place::Key(key) => write!(f, "{dot}{key}")?,
                Place::Index(index) => write!(f, "{dot}{index}")?,
            }
        }
        let colon = if self.loc.is_empty() { "" } else { ": " };
        write!(f, "{colon}{}", self.msg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_written_with_type_loc_and_msg() {
        let loc = [Place::key("payload"), Place::key("items"), Place::Index(3)];
        let fault = Fault::new(FaultKind::TypeError, loc, "not a number");
        assert_eq!(fault.to_string(), "payload.items.3: not a number");
        let written = serde_json::to_string(&Faults::from(fault)).unwrap();
        assert_eq!(
            written,
            r#"[{"type":"type_error","loc":["payload","items",3],"msg":"not a number"}]"#
        );
    }

    #[test]
    fn texts_and_lists_end_at_their_limit() {
        let long = "\u{1F41F}".repeat(1000);
        let mut faults = Faults::default();
        for _ in 0..100 {
            faults.push(Fault::new(FaultKind::Missing, [Place::key(&long)], &*long));
        }
        assert_eq!(faults.list().len(), 16);
        assert_eq!(faults.list()[0].msg(), "\u{1F41F}".repeat(200));
        assert_eq!(
            faults.list()[0].loc(),
            [Place::key(&"\u{1F41F}".repeat(200))]
        );
    }

    #[test]
    fn the_code_tells_a_wrong_payload_from_no_message() {
        let code = |kind| Faults::from(Fault::new(kind, [], "")).code();
        assert_eq!(code(FaultKind::JsonInvalid), 400);
        assert_eq!(code(FaultKind::UnionTagInvalid), 400);
        assert_eq!(code(FaultKind::Missing), 422);
    }
}
