//! Control: a typed message of Sockeye's own that is an action and nothing else.

use crate::message::typed::{Message, WriteMessage, encode};
use crate::message::{EncodeError, Form, MessageKind, Outgoing};

/// `{"action":"complete"}` and its like, in the keys and the encoding of whoever gets it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Control(pub(crate) &'static str);

impl Message for Control {
    const ACTIONS: &'static [&'static str] = &[];

    fn action(&self) -> &'static str {
        self.0
    }
}

impl WriteMessage for Control {
    fn has_payload(&self) -> bool {
        false
    }

    fn write_payload<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl Outgoing for Control {
    const TYPED: bool = true;

    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        self.write(Form::DEFAULT, out)
    }

    fn write(&self, form: Form<'_>, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        encode(self, form, out)
    }
}
