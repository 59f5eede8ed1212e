//! Typed messages over their codec: what is read, what is written, and what is refused.

mod attributes;
mod cases;
mod faults;
pub(crate) mod malformed;
#[cfg(feature = "msgpack")]
mod packed;
mod roundtrip;
#[cfg(feature = "garde")]
mod rules;
#[cfg(feature = "schema")]
mod schema;
mod shapes;

use sockeye::{DecodeError, Envelope, Faults, Form, Incoming, Outgoing, Payload};

/// What a text is read as, in the usual form.
fn read<M: Incoming>(text: &str) -> M {
    M::decode(Payload::Text(text)).unwrap()
}

/// What is wrong with a text, and the envelope that was found around it.
fn refused<M: Incoming>(text: &str) -> (Faults, Envelope) {
    let mut envelope = Envelope::default();
    match M::read(Payload::Text(text), Form::DEFAULT, &mut envelope) {
        Err(DecodeError::Invalid(faults)) => (faults, envelope),
        Err(other) => panic!("{text}: {other}"),
        Ok(_) => panic!("{text} was read"),
    }
}

/// The text of a message, in the usual form.
fn written(message: &impl Outgoing) -> String {
    let mut out = Vec::new();
    message.encode(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}
