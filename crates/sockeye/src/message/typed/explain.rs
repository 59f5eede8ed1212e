//! Explain: a message that could not be read is read once more, to tell its sender what is wrong and where.

use serde_path_to_error::{Path, Segment};

use crate::message::typed::ReadMessage;
use crate::message::typed::decode::Whole;
use crate::message::typed::fault::{Fault, FaultKind, Faults, Place, cut};
use crate::message::typed::head::{HeadSeed, Scalar};
use crate::message::typed::input::{Broken, Input};
use crate::message::typed::key::{Key, REFERENCE, action_key, payload_key};
use crate::message::typed::reference::REFERENCE_MAX;
use crate::message::{Envelope, Form};

/// Characters of an action that nobody knows: the actions that are known need room beside it.
const NAME: usize = 50;

/// What is wrong with `input`, which failed as `broken`.
pub(crate) fn explain<M: ReadMessage>(
    input: Input<'_>,
    form: Form<'_>,
    envelope: &mut Envelope,
    broken: &Broken,
) -> Faults {
    *envelope = Envelope::default();
    let head = match input.parse(HeadSeed::<M>::new(form)) {
        Ok(head) => head,
        Err(broken) if broken.is_syntax() => {
            return Fault::new(broken.kind(), [], broken.text()).into();
        }
        Err(broken) => return Fault::new(FaultKind::ModelType, [], broken.text()).into(),
    };
    let reference = reference(head.reference.as_ref());
    envelope.reference = reference.as_ref().ok().cloned().flatten();
    let action = match action::<M>(head.action.as_ref(), form) {
        Ok(action) => action,
        Err(fault) => return fault.into(),
    };
    envelope.action = M::ACTIONS.get(action).copied();
    if let Err(fault) = once::<M>(head.twice, form).and(reference) {
        return fault.into();
    }
    let (mut again, mut message) = (Envelope::default(), None);
    let whole = Whole::<M>::new(form, Some(action), &mut again, &mut message);
    let mut fault = match input.parse_tracked(whole) {
        Err((broken, path)) => inside::<M>(&broken, Some(&path), form),
        // The type reads differently each time.
        Ok(_) => inside::<M>(broken, None, form),
    };
    if !head.payload && fault.kind() != FaultKind::Missing {
        let loc = [Place::key(payload_key::<M>(form))];
        fault = Fault::new(FaultKind::Missing, loc, "this action needs a payload");
    }
    fault.into()
}

fn reference(found: Option<&Scalar>) -> Result<Option<Box<str>>, Fault> {
    match found {
        None | Some(Scalar::Null) => Ok(None),
        Some(Scalar::Text(text)) if text.len() <= REFERENCE_MAX => Ok(Some(text.as_str().into())),
        Some(Scalar::Text(_) | Scalar::Other) => Err(Fault::new(
            FaultKind::ValueError,
            [Place::key(REFERENCE)],
            format!("a reference is a text of at most {REFERENCE_MAX} bytes"),
        )),
    }
}

fn action<M: ReadMessage>(found: Option<&Scalar>, form: Form<'_>) -> Result<usize, Fault> {
    let key = action_key::<M>(form);
    let fault = |kind, text: String| {
        let names: Vec<String> = M::ACTIONS.iter().map(|name| format!("`{name}`")).collect();
        let text = format!("{text}; expected {}", names.join(", "));
        Err(Fault::new(kind, [Place::key(key)], text))
    };
    match found {
        None => fault(
            FaultKind::UnionTagNotFound,
            format!("a message needs the key `{key}`"),
        ),
        Some(Scalar::Text(name)) => match M::find(name) {
            Some(action) => Ok(action),
            None => fault(
                FaultKind::UnionTagInvalid,
                format!("no action is called `{}`", cut(name, NAME)),
            ),
        },
        Some(Scalar::Null | Scalar::Other) => {
            fault(FaultKind::UnionTagInvalid, "an action is a text".to_owned())
        }
    }
}

fn once<M: ReadMessage>(twice: Option<Key>, form: Form<'_>) -> Result<(), Fault> {
    let key = match twice {
        Some(Key::Action) => action_key::<M>(form),
        Some(Key::Payload) => payload_key::<M>(form),
        Some(Key::Reference) => REFERENCE,
        Some(Key::Other) | None => return Ok(()),
    };
    let text = "a message has this key once";
    Err(Fault::new(FaultKind::ValueError, [Place::key(key)], text))
}

/// What is wrong with the payload, in the words of serde, which has no others.
fn inside<M: ReadMessage>(broken: &Broken, path: Option<&Path>, form: Form<'_>) -> Fault {
    let mut loc: Vec<Place> = path.into_iter().flatten().filter_map(place).collect();
    let text = broken.text();
    if broken.is_syntax() {
        return Fault::new(broken.kind(), loc, text);
    }
    if loc.is_empty() {
        loc.push(Place::key(payload_key::<M>(form)));
    }
    let quoted = |start: &str| {
        let name = text.strip_prefix(start)?.split('`').next();
        name.map(Place::key)
    };
    let kind = if let Some(field) = quoted("missing field `") {
        loc.push(field);
        FaultKind::Missing
    } else if let Some(field) = quoted("unknown field `") {
        if loc.last() != Some(&field) {
            loc.push(field);
        }
        FaultKind::ExtraForbidden
    } else if broken.is_type() {
        FaultKind::TypeError
    } else {
        FaultKind::ValueError
    };
    Fault::new(kind, loc, text)
}

fn place(segment: &Segment) -> Option<Place> {
    match segment {
        Segment::Seq { index } => Some(Place::Index(*index)),
        Segment::Map { key } => Some(Place::key(key)),
        Segment::Enum { variant } => Some(Place::key(variant)),
        Segment::Unknown => None,
    }
}
