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
    let (mut known, mut message) = (None, None);
    // Twice when the payload came before the action: the second time the action is known.
    loop {
        known = match input.parse_well(Whole::new(form, known, envelope, &mut message)) {
            Some(known) => known,
            None => {
                message = None;
                input.parse(Whole::new(form, known, envelope, &mut message))?
            }
        };
        if let Some(message) = message {
            return Ok(message);
        }
    }
}

/// A message with its envelope; `known` is its action, where that was found before. Gives the action when it came after
/// the payload, and else leaves the message in its place: a large value is slow to hand on.
pub(crate) struct Whole<'a, M> {
    form: Form<'a>,
    known: Option<usize>,
    envelope: &'a mut Envelope,
    message: &'a mut Option<M>,
}

impl<'a, M: ReadMessage> Whole<'a, M> {
    pub(crate) fn new(
        form: Form<'a>,
        known: Option<usize>,
        envelope: &'a mut Envelope,
        message: &'a mut Option<M>,
    ) -> Self {
        Self {
            form,
            known,
            envelope,
            message,
        }
    }
}

impl<'de, M: ReadMessage> DeserializeSeed<'de> for Whole<'_, M> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, M: ReadMessage> Visitor<'de> for Whole<'_, M> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an action")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut action = self.known;
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
                    *self.message = Some(map.next_value_seed(PayloadSeed(action, PhantomData))?);
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
        if self.message.is_none() {
            if skipped {
                return Ok(Some(action));
            }
            *self.message = Some(M::read_payload(action, Absent(PhantomData))?);
        }
        Ok(None)
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
