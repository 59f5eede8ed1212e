//! Action: the discriminator of a message whose type is not known yet.

use std::fmt;

use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};

/// The action of a JSON object, if it is one and has one.
pub(crate) fn action_of(text: &str, key: &str) -> Option<String> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.deserialize_map(ActionUnder(key)).ok().flatten()
}

struct ActionUnder<'a>(&'a str);

impl<'de> Visitor<'de> for ActionUnder<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<String>, A::Error> {
        let mut action = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == self.0 {
                action = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_is_found_wherever_it_stands() {
        let action = |text| action_of(text, "action");
        assert_eq!(
            action(r#"{"payload":[1],"action":"said"}"#).unwrap(),
            "said"
        );
        for text in [r#"{"payload":"action"}"#, r#"{"action":7}"#, "[]", "said"] {
            assert_eq!(action(text), None, "{text}");
        }
    }
}
