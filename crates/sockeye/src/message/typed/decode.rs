//! Decoding a typed message: one pass when its action comes first, never a tree in between.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};

use crate::config::Case;
use crate::message::typed::absent::Absent;
use crate::message::typed::explain::explain;
use crate::message::typed::input::{Broken, Input};
use crate::message::typed::key::{Key, KeySeed, Seen, payload_key};
use crate::message::typed::reference::ReferenceSeed;
use crate::message::typed::{Faults, ReadMessage};
use crate::message::{DecodeError, Envelope, Form, Payload};

/// Reads a message in this form, and notes what came around it.
///
/// # Errors
/// [`DecodeError::Invalid`] when it is no message of this type. The envelope then has the action and the reference, if
/// they could be found.
pub fn decode<M: ReadMessage>(
    payload: Payload<'_>,
    form: Form<'_>,
    envelope: &mut Envelope,
) -> Result<M, DecodeError> {
    *envelope = Envelope::default();
    read_in_case(payload, form, envelope).map_err(DecodeError::Invalid)
}

fn read_in_case<M: ReadMessage>(
    payload: Payload<'_>,
    form: Form<'_>,
    envelope: &mut Envelope,
) -> Result<M, Faults> {
    let input = Input::new(payload, form)?;
    if form.wire.case == Case::AsWritten || M::OWN_CASE {
        return read_valid(input, form, envelope);
    }
    let text = input.in_snake_case()?;
    read_valid(Input::Json(&text), form, envelope)
}

fn read_valid<M: ReadMessage>(
    input: Input<'_>,
    form: Form<'_>,
    envelope: &mut Envelope,
) -> Result<M, Faults> {
    let message = read::<M>(input, form, envelope)
        .map_err(|broken| explain::<M>(input, form, envelope, &broken))?;
    let mut faults = Faults::default();
    message.validate(&mut faults);
    if faults.is_empty() {
        Ok(message)
    } else {
        Err(faults.inside(payload_key::<M>(form)))
    }
}

fn read<M: ReadMessage>(
    input: Input<'_>,
    form: Form<'_>,
    envelope: &mut Envelope,
) -> Result<M, Broken> {
    let mut known = None;
    // Twice when the payload came before the action: the second time the action is known.
    loop {
        match input.parse(Whole::<M>::new(form, known, envelope))? {
            Parsed::Message(message) => return Ok(message),
            Parsed::ActionAfterPayload(action) => known = Some(action),
        }
    }
}

/// What one pass gave.
pub(crate) enum Parsed<M> {
    Message(M),
    ActionAfterPayload(usize),
}

/// A message with its envelope; `known` is its action, where that was found before.
pub(crate) struct Whole<'a, M> {
    form: Form<'a>,
    known: Option<usize>,
    envelope: &'a mut Envelope,
    message: PhantomData<M>,
}

impl<'a, M: ReadMessage> Whole<'a, M> {
    pub(crate) fn new(form: Form<'a>, known: Option<usize>, envelope: &'a mut Envelope) -> Self {
        Self {
            form,
            known,
            envelope,
            message: PhantomData,
        }
    }
}

impl<'de, M: ReadMessage> DeserializeSeed<'de> for Whole<'_, M> {
    type Value = Parsed<M>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parsed<M>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, M: ReadMessage> Visitor<'de> for Whole<'_, M> {
    type Value = Parsed<M>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an action")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed<M>, A::Error> {
        let (mut action, mut message) = (self.known, None);
        let mut seen = Seen::default();
        let mut skipped = false;
        while let Some(key) = map.next_key_seed(KeySeed::<M>::new(self.form))? {
            if !seen.first(key) {
                return Err(A::Error::custom("a key is there twice"));
            }
            match (key, action) {
                (Key::Action, _) => {
                    action = Some(map.next_value_seed(ActionSeed::<M>(PhantomData))?);
                }
                (Key::Payload, Some(action)) => {
                    message = Some(map.next_value_seed(PayloadSeed(action, PhantomData))?);
                }
                (Key::Payload, None) => {
                    map.next_value::<IgnoredAny>()?;
                    skipped = true;
                }
                (Key::Reference, _) => {
                    self.envelope.reference = map.next_value_seed(ReferenceSeed)?;
                }
                (Key::Other, _) => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let action = action.ok_or_else(|| A::Error::missing_field("action"))?;
        self.envelope.action = M::ACTIONS.get(action).copied();
        match message {
            Some(message) => Ok(Parsed::Message(message)),
            None if skipped => Ok(Parsed::ActionAfterPayload(action)),
            None => M::read_payload(action, Absent(PhantomData)).map(Parsed::Message),
        }
    }
}

struct ActionSeed<M>(PhantomData<M>);

impl<'de, M: ReadMessage> DeserializeSeed<'de> for ActionSeed<M> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<M: ReadMessage> Visitor<'_> for ActionSeed<M> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an action")
    }

    fn visit_str<E: Error>(self, action: &str) -> Result<usize, E> {
        M::find(action).ok_or_else(|| E::unknown_variant(action, M::ACTIONS))
    }
}

struct PayloadSeed<M>(usize, PhantomData<M>);

impl<'de, M: ReadMessage> DeserializeSeed<'de> for PayloadSeed<M> {
    type Value = M;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<M, D::Error> {
        M::read_payload(self.0, deserializer)
    }
}
