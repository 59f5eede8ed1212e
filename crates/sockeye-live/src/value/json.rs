//! Values in JSON: what clients send and are sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sea_orm::Value;
use serde_json::Value as Json;

use crate::table::Kind;
use crate::value::{float_of, integer_of, is_null, text_of};

impl Kind {
    /// A value from JSON; null is the null of the kind. Otherwise says what was expected.
    pub(crate) fn read_json(&self, json: &Json) -> Result<Value, String> {
        let read = match (self, json) {
            (Self::Json, Json::Null) => None,
            (Self::Json, json) => {
                return if holds_nul(json) {
                    Err("found the character NUL, which no database keeps".to_owned())
                } else {
                    Ok(Value::Json(Some(Box::new(json.clone()))))
                };
            }
            (_, Json::Null) => return Ok(self.null()),
            (Self::Bool, Json::Bool(truth)) => Some(Value::Bool(Some(*truth))),
            (Self::Integer(integer), Json::Number(number)) => {
                number.as_i64().and_then(|number| integer.value(number))
            }
            (Self::Float(float), Json::Number(number)) => {
                number.as_f64().and_then(|number| float.value(number))
            }
            (Self::Bytes, Json::String(text)) => BASE64
                .decode(text)
                .ok()
                .map(|bytes| Value::Bytes(Some(bytes))),
            #[cfg(feature = "decimal")]
            (Self::Decimal, Json::Number(number)) => return self.read_text(&number.to_string()),
            (Self::Bool | Self::Integer(_) | Self::Float(_), Json::String(_)) => None,
            (_, Json::String(text)) => return self.read_text(text),
            _ => None,
        };
        match read {
            Some(value) => Ok(value),
            None if json.is_null() => Ok(self.null()),
            None => Err(format!("found {}, expected {self}", found(json))),
        }
    }

    /// A value in JSON. Numbers that JSON does not have (NaN, infinity) are their names.
    pub(crate) fn to_json(&self, value: &Value) -> Json {
        if is_null(value) {
            return Json::Null;
        }
        match value {
            Value::Bool(Some(truth)) => Json::Bool(*truth),
            Value::Json(Some(json)) => (**json).clone(),
            Value::Bytes(Some(bytes)) => Json::String(BASE64.encode(bytes)),
            // By way of its text, or the digits of the wider type would show.
            Value::Float(Some(number)) if number.is_finite() => number
                .to_string()
                .parse::<f64>()
                .map_or(Json::Null, Json::from),
            Value::Double(Some(number)) if number.is_finite() => Json::from(*number),
            _ => match (integer_of(value), float_of(value), text_of(value)) {
                (Some(number), ..) => i64::try_from(number)
                    .map(Json::from)
                    .or_else(|_| u64::try_from(number).map(Json::from))
                    .unwrap_or(Json::Null),
                (.., Some(text)) => Json::String(text.to_owned()),
                _ => self.to_text(value).map_or(Json::Null, Json::String),
            },
        }
    }
}

/// What was found instead, short enough for an answer.
fn found(json: &Json) -> String {
    /// Characters that are repeated to the sender.
    const SHOWN: usize = 40;
    match json {
        Json::Null | Json::Bool(_) | Json::Number(_) => json.to_string(),
        Json::String(text) if text.chars().nth(SHOWN).is_none() => format!("{text:?}"),
        Json::String(_) => "another text".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
    }
}

/// Whether a text in it holds NUL, which PostgreSQL refuses.
fn holds_nul(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(list) => list.iter().any(holds_nul),
        Json::Object(fields) => fields
            .iter()
            .any(|(key, value)| key.contains('\0') || holds_nul(value)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}
