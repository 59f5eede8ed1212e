//! Request: what a client asks of a model's stream of changes.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};

/// A request as it came: what is asked, and how the client calls it.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) asked: Asked,
    pub(crate) resource: Option<String>,
    /// Given back with the answer.
    pub(crate) reference: Option<Box<RawValue>>,
}

#[derive(Debug)]
pub(crate) enum Asked {
    Subscribe(Subscribe),
    Unsubscribe,
}

/// Which rows a client wants to watch.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Subscribe {
    pub(crate) filter: Map<String, Value>,
    /// Whether it wants the rows as they are now, before their changes.
    pub(crate) rows: bool,
    /// The position and the view of what it has, where it was here before.
    pub(crate) since: Option<i64>,
    pub(crate) view: Option<String>,
}

/// What tells whose a message is. Everything else is looked at when that is known.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Frame<'a> {
    resource: Option<String>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
    #[serde(rename = "ref")]
    reference: Option<Box<RawValue>>,
}

impl Request {
    /// Reads a message; `None` when it is none of these, and for the model's handler.
    pub(crate) fn read(text: &str) -> Option<Result<Self>> {
        let Head { action } = serde_json::from_str(text).ok()?;
        match &*action {
            "subscribe" | "unsubscribe" => Some(Self::of(&action, text)),
            _ => None,
        }
    }

    fn of(action: &str, text: &str) -> Result<Self> {
        let frame: Frame<'_> = serde_json::from_str(text).map_err(|error| {
            let text = format!("the request to {action} is not understood: {error}");
            Error::new(ErrorKind::Invalid, text)
        })?;
        let asked = match action {
            "subscribe" => Asked::Subscribe(subscribe(frame.payload)?),
            _ => Asked::Unsubscribe,
        };
        Ok(Self {
            asked,
            resource: frame.resource,
            reference: frame.reference,
        })
    }
}

fn subscribe(payload: Option<&RawValue>) -> Result<Subscribe> {
    let payload = payload.map_or("null", RawValue::get);
    // By way of an object: from a list fields would be taken in their order.
    let read = serde_json::from_str::<Option<Map<String, Value>>>(payload);
    let read =
        read.and_then(|payload| Subscribe::deserialize(Value::Object(payload.unwrap_or_default())));
    read.map_err(|error| {
        let text = format!("the payload of `subscribe` is not understood: {error}");
        Error::new(ErrorKind::Invalid, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Result<Request>> {
        Request::read(text)
    }

    #[test]
    fn what_is_no_request_is_for_the_handler() {
        for text in [
            "hi",
            "7",
            "{}",
            r#"{"action":"say"}"#,
            r#"{"action":7}"#,
            "{\"action\":\"subscribe\"",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_subscription_may_say_nothing_or_all() {
        let plain = read(r#"{"action":"subscribe","resource":"products"}"#)
            .unwrap()
            .unwrap();
        assert_eq!(plain.resource.as_deref(), Some("products"));
        let Asked::Subscribe(subscribe) = plain.asked else {
            panic!("another request")
        };
        assert!(subscribe.filter.is_empty() && !subscribe.rows && subscribe.since.is_none());

        let text = r#"{"ref":"a","action":"subscribe","payload":{"filter":{"price":{"lt":3}},"rows":true,"since":9,"view":"x"}}"#;
        let whole = read(text).unwrap().unwrap();
        assert_eq!(whole.reference.unwrap().get(), r#""a""#);
        let Asked::Subscribe(subscribe) = whole.asked else {
            panic!("another request")
        };
        assert_eq!((subscribe.rows, subscribe.since), (true, Some(9)));
    }

    #[test]
    fn an_unknown_key_is_told_and_not_passed_over() {
        let error = read(r#"{"action":"subscribe","payload":{"where":{}}}"#)
            .unwrap()
            .unwrap_err();
        assert!(
            error.to_string().contains("unknown field `where`"),
            "{error}"
        );
    }
}
