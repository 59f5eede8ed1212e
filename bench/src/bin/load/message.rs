//! The message that is sent over and over: some JSON with a number in it, by which it is known again.

use bench::{Failure, Outcome};

use crate::frame::{self, Frame};
use crate::inflater::Inflater;

/// What stands before the number, and behind the text.
pub(crate) type Envelope = (&'static [u8], &'static [u8]);

/// An object of its own.
pub(crate) const PLAIN: Envelope = (br#"{"n":""#, br#""}"#);

/// The same as the payload of an action.
pub(crate) const TYPED: Envelope = (br#"{"action":"said","payload":{"n":""#, br#""}}"#);

const DIGITS: usize = 8;
const MIDDLE: &[u8] = br#"","text":""#;
const WORDS: &[u8] =
    b"Messages in a benchmark should look a little like those that people send each other. ";

/// Sizes that can be asked for: the number must fit, and whole frames must fit into the read buffer.
pub(crate) const SIZES: std::ops::RangeInclusive<usize> = 32..=256 * 1024;

/// The message as payload and as masked frame, both with room for the number.
pub(crate) struct Template {
    payload: Vec<u8>,
    frame: Vec<u8>,
    /// Where the payload begins in the frame.
    start: usize,
    head: &'static [u8],
    opcode: u8,
    inflater: Inflater,
}

impl Template {
    /// A message of `size` bytes.
    pub(crate) fn new(opcode: u8, size: usize, (head, tail): Envelope) -> Outcome<Self> {
        let more = head.len() + tail.len() - PLAIN.0.len() - PLAIN.1.len();
        let (least, most) = (SIZES.start() + more, *SIZES.end());
        if !(least..=most).contains(&size) {
            let text = format!("a message of {size} bytes is not between {least} and {most}");
            return Err(Failure::new(text));
        }
        let mut payload = [head, &[b'0'; DIGITS], MIDDLE].concat();
        let padding = size - payload.len() - tail.len();
        payload.extend(WORDS.iter().cycle().take(padding));
        payload.extend_from_slice(tail);
        let mut frame = Vec::new();
        let start = frame::append(opcode, &payload, &mut frame);
        Ok(Self {
            payload,
            frame,
            start,
            head,
            opcode,
            inflater: Inflater::new(),
        })
    }

    /// Appends the frame of the message with this number.
    pub(crate) fn append(&mut self, number: u32, out: &mut Vec<u8>) {
        // The digits may begin in the middle of the key: mask them together with the head.
        let head = self.head;
        let place = &mut self.frame[self.start..self.start + head.len() + DIGITS];
        place[..head.len()].copy_from_slice(head);
        place[head.len()..].copy_from_slice(&digits(number));
        frame::mask(place);
        out.extend_from_slice(&self.frame);
    }

    /// The number of a message that came back, all of it compared with what was sent.
    pub(crate) fn number(&mut self, frame: &Frame<'_>) -> Outcome<u32> {
        let sent = &self.payload;
        let payload = if frame.deflated {
            self.inflater.inflate(frame.payload, sent.len())?
        } else {
            frame.payload
        };
        let head = self.head;
        let end = head.len() + DIGITS;
        let same = frame.opcode == self.opcode
            && payload.len() == sent.len()
            && payload.starts_with(head)
            && payload[end..] == sent[end..];
        let number = same.then(|| read(&payload[head.len()..end])).flatten();
        number.ok_or_else(|| {
            let start = String::from_utf8_lossy(&payload[..payload.len().min(64)]);
            let (found, sent) = (payload.len(), sent.len());
            Failure::new(format!(
                "{sent} bytes were sent, and {found} others came back: `{start}`"
            ))
        })
    }

    /// Messages that came back compressed.
    pub(crate) fn deflated(&self) -> u64 {
        self.inflater.messages
    }
}

fn digits(number: u32) -> [u8; DIGITS] {
    let mut digits = [0; DIGITS];
    for (place, digit) in digits.iter_mut().rev().enumerate() {
        *digit = b"0123456789abcdef"[(number >> (4 * place)) as usize & 15];
    }
    digits
}

fn read(digits: &[u8]) -> Option<u32> {
    let mut number = 0;
    for digit in digits {
        number = number << 4 | char::from(*digit).to_digit(16)?;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(template: &mut Template, number: u32) -> Vec<u8> {
        let mut frame = Vec::new();
        template.append(number, &mut frame);
        let mut payload = frame.split_off(template.start);
        frame::mask(&mut payload);
        payload
    }

    fn returned(template: &mut Template, opcode: u8, payload: &[u8]) -> Outcome<u32> {
        let deflated = false;
        template.number(&Frame {
            opcode,
            deflated,
            payload,
        })
    }

    #[test]
    fn a_message_is_json_of_its_size_and_known_by_its_number() {
        for size in [32, 33, 1024, 70_000] {
            let mut template = Template::new(frame::TEXT, size, PLAIN).unwrap();
            for number in [0, 1, 0x1234_5678, u32::MAX] {
                let payload = payload(&mut template, number);
                assert_eq!(payload.len(), size);
                serde_json::from_slice::<serde_json::Value>(&payload).unwrap();
                assert_eq!(
                    returned(&mut template, frame::TEXT, &payload).unwrap(),
                    number
                );
            }
        }
    }

    #[test]
    fn anything_else_than_what_was_sent_is_refused() {
        let mut template = Template::new(frame::TEXT, 64, PLAIN).unwrap();
        let good = payload(&mut template, 7);
        assert!(returned(&mut template, frame::BINARY, &good).is_err());
        assert!(returned(&mut template, frame::TEXT, &good[..63]).is_err());
        for at in 0..64 {
            let mut bad = good.clone();
            bad[at] ^= 0x40;
            assert!(
                returned(&mut template, frame::TEXT, &bad).is_err(),
                "byte {at}"
            );
        }
    }

    #[test]
    fn a_size_without_room_for_the_number_is_refused() {
        assert!(Template::new(frame::TEXT, 31, PLAIN).is_err());
        assert!(Template::new(frame::TEXT, 1 << 20, PLAIN).is_err());
    }
}
