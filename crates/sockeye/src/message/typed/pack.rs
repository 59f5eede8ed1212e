//! Pack: one form of a message from the other, without its type.

use serde::Serialize;
use serde_transcode::Transcoder;

use crate::message::typed::input::message_pack;

/// The MessagePack form of a JSON text; `None` when the text is no JSON.
pub(crate) fn pack(json: &str) -> Option<Vec<u8>> {
    // Numbers and keys take less room than as text.
    let mut packed = Vec::with_capacity(json.len());
    pack_into(json, &mut packed).ok()?;
    Some(packed)
}

/// Appends the MessagePack form of a JSON text.
///
/// # Errors
/// When the text is no JSON; `out` may then have a part of it.
pub(crate) fn pack_into(json: &str, out: &mut Vec<u8>) -> Result<(), rmp_serde::encode::Error> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let mut writer = rmp_serde::Serializer::new(out);
    Transcoder::new(&mut reader).serialize(&mut writer)?;
    reader.end().map_err(serde::ser::Error::custom)
}

/// The JSON text of a value in MessagePack, which [`walk`](crate::message::typed::walk) has seen.
///
/// # Errors
/// What has no form in JSON.
pub(crate) fn unpack(bytes: &[u8]) -> Result<String, String> {
    let mut reader = message_pack(bytes);
    let mut json = Vec::with_capacity(2 * bytes.len());
    let mut writer = serde_json::Serializer::new(&mut json);
    let transcoded = Transcoder::new(&mut reader).serialize(&mut writer);
    transcoded.map_err(|error| error.to_string())?;
    String::from_utf8(json).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn json_and_message_pack_say_the_same() {
        let value = json!({
            "action": "said",
            "payload": { "a": [1, -1, 1.5, u64::MAX, i64::MIN], "b": null, "\u{1F41F}": "\"\\\n", "c": {}, "d": [] },
            "flag": true,
        });
        let packed = pack(&value.to_string()).unwrap();
        assert_eq!(rmp_serde::from_slice::<Value>(&packed).unwrap(), value);
        let unpacked = unpack(&packed).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&unpacked).unwrap(), value);
    }

    #[test]
    fn what_is_no_json_is_not_packed() {
        for text in ["", "{", "{} {}", "hello", "[1,]"] {
            assert_eq!(pack(text), None, "{text}");
        }
    }

    #[test]
    fn what_json_cannot_say_is_not_unpacked() {
        // A map whose key is a list.
        assert!(unpack(&[0x81, 0x90, 0xc0]).is_err());
    }
}
