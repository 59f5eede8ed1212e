//! Extra: keys that are added to a message which is written already, behind its last one.

use serde::Serialize;

use crate::message::writer::{Writer, write_text};
use crate::message::{EncodeError, Format};

/// The value of a key that is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Extra<'a> {
    /// Such as a client's reference.
    Text(&'a str),
    /// Such as whether the client is the sender itself.
    Flag(bool),
}

/// Adds a key to the object that begins at `start` in `out` and ends with it. The object does not have this key yet.
///
/// # Errors
/// [`EncodeError`] when there is no object; `out` then is as it was.
pub fn add(
    out: &mut Vec<u8>,
    start: usize,
    format: Format,
    key: &str,
    value: Extra<'_>,
) -> Result<(), EncodeError> {
    let added = match format {
        Format::Json => add_to_json(out, start, key, value)?,
        #[cfg(feature = "msgpack")]
        Format::MessagePack => add_to_message_pack(out, start, key, value)?,
    };
    added.ok_or_else(|| EncodeError::other("only an object can be given another key"))
}

fn add_to_json(
    out: &mut Vec<u8>,
    start: usize,
    key: &str,
    value: Extra<'_>,
) -> Result<Option<()>, EncodeError> {
    let object = out.get(start..).unwrap_or_default().trim_ascii_end();
    let body = object.strip_suffix(b"}").map(<[u8]>::trim_ascii_end);
    let Some(body) = body.filter(|body| body.trim_ascii_start().starts_with(b"{")) else {
        return Ok(None);
    };
    let is_empty = body.trim_ascii_start() == b"{";
    let end = start + body.len();
    out.truncate(end);
    if !is_empty {
        out.push(b',');
    }
    write_text(key, out);
    out.push(b':');
    value.serialize(Writer(out))?;
    out.push(b'}');
    Ok(Some(()))
}

#[cfg(feature = "msgpack")]
fn add_to_message_pack(
    out: &mut Vec<u8>,
    start: usize,
    key: &str,
    value: Extra<'_>,
) -> Result<Option<()>, EncodeError> {
    if count_one_more(out, start).is_none() {
        return Ok(None);
    }
    let mut writer = rmp_serde::Serializer::new(out);
    (key.serialize(&mut writer)).map_err(EncodeError::other)?;
    (value.serialize(&mut writer)).map_err(EncodeError::other)?;
    Ok(Some(()))
}

/// Counts one more entry in the header of the map at `start`.
#[cfg(feature = "msgpack")]
fn count_one_more(out: &mut Vec<u8>, start: usize) -> Option<()> {
    let header = out.get_mut(start)?;
    match *header {
        0x80..=0x8e => *header += 1,
        // Its short header has no room for a sixteenth.
        0x8f => drop(out.splice(start..=start, [0xde, 0, 16])),
        0xde => {
            let count = out.get_mut(start + 1..start + 3)?;
            let more = u16::from_be_bytes([count[0], count[1]]).checked_add(1)?;
            count.copy_from_slice(&more.to_be_bytes());
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;

    fn added(text: &str, value: Extra<'_>) -> Option<String> {
        let mut out = b"before{".to_vec();
        out.extend_from_slice(text.as_bytes());
        add(&mut out, 7, Format::Json, "ref", value).ok()?;
        String::from_utf8(out[7..].to_vec()).ok()
    }

    #[test]
    fn a_key_is_added_to_json_in_place() {
        let table = [
            (r#"{"a":1}"#, Extra::Text("7"), r#"{"a":1,"ref":"7"}"#),
            ("{}", Extra::Flag(true), r#"{"ref":true}"#),
            (" { } \n", Extra::Flag(false), r#" {"ref":false}"#),
            (
                "{\"a\":{}\n}\n",
                Extra::Flag(true),
                r#"{"a":{},"ref":true}"#,
            ),
            (
                r#"{"a":1}"#,
                Extra::Text("\"}\n"),
                r#"{"a":1,"ref":"\"}\n"}"#,
            ),
        ];
        for (text, value, expected) in table {
            assert_eq!(added(text, value).unwrap(), expected);
        }
        for other in ["[1]", "7", "", "\"a\"", "a}"] {
            assert_eq!(added(other, Extra::Flag(true)), None, "{other}");
        }
    }

    #[test]
    fn what_was_added_is_what_serde_reads() {
        let mut out =
            serde_json::to_vec(&json!({ "action": "said", "payload": { "a": [] } })).unwrap();
        for text in ["", "7", "\u{1F41F} \\ \" \u{0} \u{7f} \u{2028}", "}"] {
            add(&mut out, 0, Format::Json, text, Extra::Text(text)).unwrap();
            let read: Value = serde_json::from_slice(&out).unwrap();
            assert_eq!(read[text], text);
        }
    }

    #[cfg(feature = "msgpack")]
    #[test]
    fn a_key_is_added_to_message_pack_at_every_size() {
        let mut model = BTreeMap::new();
        let mut out = vec![0xc1];
        rmp_serde::encode::write(&mut out, &model).unwrap();
        for number in 0..300 {
            let key = format!("key {number}");
            let value = Extra::Text(&key);
            add(&mut out, 1, Format::MessagePack, &key, value).unwrap();
            model.insert(key.clone(), key);
            let read: BTreeMap<String, String> = rmp_serde::from_slice(&out[1..]).unwrap();
            assert_eq!(read, model);
        }
        assert!(
            add(
                &mut vec![0x91, 0xc0],
                0,
                Format::MessagePack,
                "a",
                Extra::Flag(true)
            )
            .is_err()
        );
        assert!(
            add(
                &mut Vec::new(),
                0,
                Format::MessagePack,
                "a",
                Extra::Flag(true)
            )
            .is_err()
        );
    }
}
