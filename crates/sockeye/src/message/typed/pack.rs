//! Pack: a message that is JSON already, in MessagePack.

/// The same value as MessagePack, with its keys and their order; `None` when it is no JSON.
pub(crate) fn pack(json: &str) -> Option<Vec<u8>> {
    let mut packed = Vec::with_capacity(json.len());
    let mut reader = serde_json::Deserializer::from_str(json);
    let mut writer = rmp_serde::Serializer::new(&mut packed).with_struct_map();
    serde_transcode::transcode(&mut reader, &mut writer).ok()?;
    reader.end().ok()?;
    Some(packed)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_packed_message_has_the_same_value() {
        let message = json!({
            "action": "said",
            "payload": { "text": "\u{1f41f} \"x\"", "n": [0, -1, u64::MAX, 1.5, true, null], "empty": {} },
        });
        let packed = pack(&message.to_string()).unwrap();
        assert_eq!(rmp_serde::from_slice::<Value>(&packed).unwrap(), message);
        assert!(packed.len() < message.to_string().len());
        for text in ["", "{", "{} {}", "said"] {
            assert_eq!(pack(text), None, "{text}");
        }
    }
}
