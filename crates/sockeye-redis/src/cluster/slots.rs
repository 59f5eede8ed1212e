//! Slots: which master of a cluster serves which channels.

use redis::{Cmd, Value};
use sockeye::{Error, Result};

use crate::endpoint::Place;

/// There are so many, always.
const COUNT: usize = 16384;

/// The master of a slot that has none.
const NOBODY: u16 = u16::MAX;

/// The distribution of all slots.
#[derive(PartialEq, Eq)]
pub(crate) struct Slots {
    masters: Vec<Place>,
    /// For each slot the place of its master in the list.
    served: Vec<u16>,
}

/// What to ask a node for.
pub(crate) fn question() -> Cmd {
    let mut question = redis::cmd("CLUSTER");
    question.arg("SLOTS");
    question
}

impl Slots {
    /// Reads the answer of the node at `asked`.
    pub(crate) fn read(answer: &Value, asked: &Place) -> Result<Self> {
        let unreadable = || {
            Error::new(format!(
                "cannot read the slots of the cluster at {asked}: {answer:?}"
            ))
        };
        let mut ranges = Vec::new();
        for range in list(answer).ok_or_else(unreadable)? {
            ranges.push(read_range(range, asked).ok_or_else(unreadable)?);
        }
        let mut masters: Vec<_> = ranges.iter().map(|(_, _, master)| master.clone()).collect();
        masters.sort();
        masters.dedup();
        let mut served = vec![NOBODY; COUNT];
        for (first, last, master) in &ranges {
            let master = masters.binary_search(master).map_err(|_| unreadable())?;
            let master = u16::try_from(master).map_err(|_| unreadable())?;
            served
                .get_mut(*first..=*last)
                .ok_or_else(unreadable)?
                .fill(master);
        }
        Ok(Self { masters, served })
    }

    pub(crate) fn masters(&self) -> &[Place] {
        &self.masters
    }

    /// The master of a slot, as its place among [`masters`](Self::masters).
    pub(crate) fn master(&self, slot: usize) -> Option<usize> {
        let master = self.served[slot];
        (master != NOBODY).then(|| usize::from(master))
    }
}

/// The slot of a channel. Ours have no braces, which would make a part of the name count for all of it.
pub(crate) fn slot(channel: &str) -> usize {
    usize::from(crc16(channel.as_bytes())) % COUNT
}

/// CRC-16/XMODEM, as the specification of Redis Cluster has it.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        let crc = crc ^ (u16::from(byte) << 8);
        (0..8).fold(crc, |crc, _| (crc << 1) ^ (0x1021 * (crc >> 15)))
    })
}

/// First slot, last slot, master; replicas follow, which we do not need.
fn read_range(range: &Value, asked: &Place) -> Option<(usize, usize, Place)> {
    let [first, last, master, ..] = list(range)? else {
        return None;
    };
    let [host, port, ..] = list(master)? else {
        return None;
    };
    let place = Place::Tcp {
        host: read_host(host, asked)?,
        port: number(port)?.try_into().ok()?,
    };
    Some((number(first)?, number(last)?, place))
}

/// A node that does not know its own name is where it was asked.
fn read_host(host: &Value, asked: &Place) -> Option<String> {
    let named = match host {
        Value::BulkString(name) => str::from_utf8(name).ok()?,
        Value::SimpleString(name) => name,
        Value::Nil => "",
        _ => return None,
    };
    match asked {
        Place::Tcp { host, .. } if matches!(named, "" | "?") => Some(host.clone()),
        _ => Some(named.to_owned()),
    }
}

fn list(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Array(values) => Some(values),
        _ => None,
    }
}

fn number(value: &Value) -> Option<usize> {
    match value {
        Value::Int(number) => usize::try_from(*number).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn master(host: &str, port: i64) -> Value {
        let id = Value::BulkString(b"id".to_vec());
        Value::Array(vec![Value::BulkString(host.into()), Value::Int(port), id])
    }

    fn range(first: i64, last: i64, master: Value) -> Value {
        Value::Array(vec![Value::Int(first), Value::Int(last), master])
    }

    fn asked() -> Place {
        Place::Tcp {
            host: "seed".to_owned(),
            port: 1,
        }
    }

    #[test]
    fn slots_are_those_of_redis() {
        // As `CLUSTER KEYSLOT` gives them.
        for (channel, expected) in [
            ("a", 15495),
            ("123456789", 12739),
            ("sockeye:room:lobby", 11883),
        ] {
            assert_eq!(slot(channel), expected, "{channel}");
        }
    }

    #[test]
    fn each_slot_has_the_master_of_its_range() {
        let ranges = vec![
            range(10, 16383, master("b", 2)),
            range(0, 4, master("a", 2)),
            range(5, 5, master("", 7)),
        ];
        let slots = Slots::read(&Value::Array(ranges), &asked()).unwrap();
        let shown: Vec<_> = slots.masters().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["a:2", "b:2", "seed:7"]);
        let found = [0, 4, 5, 6, 9, 10, 16383].map(|slot| slots.master(slot));
        assert_eq!(
            found,
            [Some(0), Some(0), Some(2), None, None, Some(1), Some(1)]
        );
    }

    #[test]
    fn an_answer_that_is_none_is_refused() {
        let empty = Value::Array(Vec::new());
        for answer in [
            Value::Okay,
            Value::Array(vec![Value::Okay]),
            Value::Array(vec![range(0, 16384, master("a", 1))]),
            Value::Array(vec![range(7, 3, master("a", 1))]),
            Value::Array(vec![range(-1, 3, master("a", 1))]),
            Value::Array(vec![range(0, 3, master("a", 65536))]),
            Value::Array(vec![range(0, 3, empty)]),
        ] {
            assert!(Slots::read(&answer, &asked()).is_err(), "{answer:?}");
        }
    }
}
