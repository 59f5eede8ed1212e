//! Frame: a message encoded and framed once, shared by everyone it goes to.

use std::mem;
use std::sync::{Arc, OnceLock};

use sockeye_protocol::frame::{HEADER_ROOM, deflated, finish};
use sockeye_protocol::{DeflateConfig, MessageKind, Outbound};

use crate::connection::marked::{Marks, Origin, mark};
use crate::id::ConnectionId;
use crate::message::{EncodeError, Form, Outgoing};

/// One server frame in wire form. Server frames carry no mask, so the bytes are the same for every peer; the
/// compressed form is made on first need, once, without context, so it too serves every peer that agreed to
/// permessage-deflate.
#[derive(Clone, Debug)]
pub(crate) struct Frame(Arc<Forms>);

#[derive(Debug)]
struct Forms {
    plain: Box<[u8]>,
    kind: MessageKind,
    header_bytes: u8,
    deflated: OnceLock<Option<Box<[u8]>>>,
    /// Whether it is a typed message, which has other encodings.
    typed: bool,
    /// As MessagePack, for those who take that.
    #[cfg(feature = "msgpack")]
    packed: OnceLock<Option<Frame>>,
    /// What it is about, where its publisher said so.
    key: Option<Arc<str>>,
    /// Its other forms, where members are told who sent it.
    marks: Option<Box<Marks>>,
}

/// Frames up to here are copied into a block of their size; longer ones keep the buffer they were written in.
const COPIED_BYTES_MAX: usize = 16 * 1024;

impl Forms {
    fn new(plain: Box<[u8]>, kind: MessageKind, header_bytes: u8) -> Self {
        Self {
            plain,
            kind,
            header_bytes,
            deflated: OnceLock::new(),
            typed: false,
            #[cfg(feature = "msgpack")]
            packed: OnceLock::new(),
            key: None,
            marks: None,
        }
    }

    fn from_parts(kind: MessageKind, parts: &[&[u8]]) -> Self {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let mut plain = Vec::with_capacity(HEADER_ROOM + length);
        plain.resize(HEADER_ROOM, 0);
        parts.iter().for_each(|part| plain.extend_from_slice(part));
        let header_bytes = finish(kind.into(), 0, &mut plain);
        let header_bytes = u8::try_from(header_bytes).unwrap_or_default();
        Self::new(plain.into_boxed_slice(), kind, header_bytes)
    }
}

impl Frame {
    /// Encodes and frames `message`, in a buffer that is empty and may be used again.
    ///
    /// # Errors
    /// [`EncodeError`] when the message has no wire form.
    pub(crate) fn encode<M: Outgoing>(
        message: &M,
        form: Form<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<Self, EncodeError> {
        let (kind, header_bytes) = append(message, form, buffer)?;
        let plain = match buffer.len() {
            ..=COPIED_BYTES_MAX => Box::from(&buffer[..]),
            _ => mem::take(buffer).into_boxed_slice(),
        };
        let mut forms = Forms::new(plain, kind, header_bytes);
        forms.typed = M::TYPED;
        Ok(Self(Arc::new(forms)))
    }

    /// The same with marks for who is who to its sender.
    ///
    /// # Errors
    /// [`EncodeError`] also when the message is no JSON object.
    pub(crate) fn encode_marked(
        message: &impl Outgoing,
        form: Form<'_>,
        origin: Origin,
        buffer: &mut Vec<u8>,
    ) -> Result<Self, EncodeError> {
        let kind = message.write(form, buffer)?;
        mark(buffer)?;
        let mut forms = Forms::from_parts(kind, &[buffer]);
        forms.typed = true;
        forms.marks = Some(Box::new(Marks::new(origin)));
        Ok(Self(Arc::new(forms)))
    }

    /// Frames a typed message that is written already, in parts.
    pub(crate) fn typed(kind: MessageKind, parts: &[&[u8]]) -> Self {
        let mut forms = Forms::from_parts(kind, parts);
        forms.typed = true;
        Self(Arc::new(forms))
    }

    /// Frames what another node has published, and who did, where its members are told.
    pub(crate) fn received(
        kind: MessageKind,
        payload: &[u8],
        typed: bool,
        origin: Option<Origin>,
    ) -> Self {
        let mut forms = Forms::from_parts(kind, &[payload]);
        forms.typed = typed;
        forms.marks = origin.map(|origin| Box::new(Marks::new(origin)));
        Self(Arc::new(forms))
    }

    /// Whether it is a typed message, which has other encodings.
    pub(crate) fn is_typed(&self) -> bool {
        self.0.typed
    }

    /// The form for a peer that takes typed messages as MessagePack, made on first need, once, of the JSON: publishing
    /// costs nothing more where nobody takes it.
    #[cfg(feature = "msgpack")]
    pub(crate) fn packed(&self) -> Self {
        let pack = || {
            let (_, json) = self.payload();
            let packed = crate::message::pack(str::from_utf8(json).ok()?)?;
            let mut forms = Forms::from_parts(MessageKind::Binary, &[&packed]);
            forms.key.clone_from(&self.0.key);
            Some(Self(Arc::new(forms)))
        };
        let packed = match self.0.typed {
            true => self.0.packed.get_or_init(pack).clone(),
            false => None,
        };
        packed.unwrap_or_else(|| self.clone())
    }

    /// Who sent it, where its members are told.
    pub(crate) fn origin(&self) -> Option<&Origin> {
        self.0.marks.as_ref().map(|marks| marks.origin())
    }

    /// The form for a connection of its sender's user.
    pub(crate) fn own(&self, connection: ConnectionId) -> Self {
        match &self.0.marks {
            Some(marks) => marks.own(connection, self),
            None => self.clone(),
        }
    }

    /// The same about `key`. For frames that nobody shares yet; others stay as they are.
    pub(crate) fn keyed(mut self, key: Arc<str>) -> Self {
        if let Some(forms) = Arc::get_mut(&mut self.0) {
            forms.key = Some(key);
        }
        self
    }

    pub(crate) fn key(&self) -> Option<&Arc<str>> {
        self.0.key.as_ref()
    }

    /// The payload as the handler wrote it, and its kind.
    pub(crate) fn payload(&self) -> (MessageKind, &[u8]) {
        (
            self.0.kind,
            &self.0.plain[usize::from(self.0.header_bytes)..],
        )
    }

    /// Its length on the wire without compression.
    pub(crate) fn len(&self) -> usize {
        self.0.plain.len()
    }

    /// Makes the compressed form if nobody did; true when there is one, that is when it is smaller.
    pub(crate) fn deflate(&self, config: &DeflateConfig, outbound: &mut Outbound) -> bool {
        let (kind, payload) = self.payload();
        let make = || deflated(kind, payload, config, outbound).map(Vec::into_boxed_slice);
        self.0.deflated.get_or_init(make).is_some()
    }

    /// The bytes for the wire: compressed when asked for and there is such a form, else plain.
    pub(crate) fn wire(&self, deflated: bool) -> &[u8] {
        match self.0.deflated.get() {
            Some(Some(bytes)) if deflated => bytes,
            _ => &self.0.plain,
        }
    }
}

/// Appends `message` to `out` as one plain server frame; gives its kind and the length of its header.
///
/// # Errors
/// [`EncodeError`] when the message has no wire form; `out` is then as it was.
pub(crate) fn append(
    message: &impl Outgoing,
    form: Form<'_>,
    out: &mut Vec<u8>,
) -> Result<(MessageKind, u8), EncodeError> {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER_ROOM]);
    match message.write(form, out) {
        Ok(kind) => {
            let header_bytes = finish(kind.into(), start, out);
            Ok((kind, u8::try_from(header_bytes).unwrap_or_default()))
        }
        Err(error) => {
            out.truncate(start);
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_appended_with_the_header_their_length_needs() {
        for (length, header) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let mut out = vec![7];
            let payload = vec![b'x'; length];
            append(&payload, Form::DEFAULT, &mut out).unwrap();
            assert_eq!(out.len(), 1 + header + length);
            assert!(out[1 + header..].iter().all(|byte| *byte == b'x'));
            assert_eq!((out[0], out[1]), (7, 0x82));
        }
    }

    #[test]
    fn frames_of_all_lengths_come_out_of_one_buffer() {
        let mut buffer = Vec::new();
        for length in [5, COPIED_BYTES_MAX - 4, COPIED_BYTES_MAX - 3, 100_000, 0] {
            buffer.clear();
            let payload = vec![b'x'; length];
            let frame = Frame::encode(&payload, Form::DEFAULT, &mut buffer).unwrap();
            assert_eq!(frame.payload(), (MessageKind::Binary, &payload[..]));
        }
    }

    #[test]
    fn a_broadcast_is_compressed_once_and_only_when_that_is_smaller() {
        let config = DeflateConfig::default();
        let mut outbound = Outbound::default();
        let frame =
            Frame::encode(&"compress me ".repeat(100), Form::DEFAULT, &mut Vec::new()).unwrap();
        assert!(frame.deflate(&config, &mut outbound));
        let first = frame.wire(true).as_ptr();
        assert!(frame.clone().deflate(&config, &mut outbound));
        assert_eq!(frame.wire(true).as_ptr(), first);
        assert!(frame.wire(true).len() < frame.wire(false).len());
        let short = Frame::encode(&"hi", Form::DEFAULT, &mut Vec::new()).unwrap();
        assert!(!short.deflate(&config, &mut outbound));
        assert_eq!(short.wire(true), short.wire(false));
    }
}
