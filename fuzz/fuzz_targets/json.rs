//! Any text as JSON: the same values, and the same complaints, as `serde_json` has for it.
#![no_main]

use std::collections::BTreeMap;
use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sockeye::{DecodeError, Incoming, Json, Payload};

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "read by Debug")]
enum Shape {
    Unit,
    New(Box<Whole>),
    Tuple(i8, char),
    Struct { a: u128, b: Option<f32> },
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "read by Debug")]
struct Whole {
    #[serde(default)]
    text: String,
    #[serde(default)]
    shapes: Vec<Shape>,
    #[serde(default)]
    by_number: BTreeMap<i16, (bool, ())>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

fuzz_target!(|text: &str| {
    same::<Value>(text);
    same::<Whole>(text);
    same::<Vec<f64>>(text);
});

fn same<T: DeserializeOwned + Debug + Send + 'static>(text: &str) {
    let ours = match Json::<T>::decode(Payload::Text(text)) {
        Ok(Json(value)) => Ok(value),
        Err(DecodeError::Json(error)) => Err(error.to_string()),
        Err(other) => panic!("{other}"),
    };
    let theirs = serde_json::from_str::<T>(text).map_err(|error| error.to_string());
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
}
