//! Rules beside the fields of a message.

use serde_json::{Value, json};
use sockeye::{Incoming, Message};

use super::{read, refused};

#[derive(Debug, PartialEq, serde::Deserialize, garde::Validate)]
struct Line {
    #[garde(length(min = 1))]
    text: String,
}

#[derive(Debug, PartialEq, Message, garde::Validate)]
#[message(incoming, payload_key = "data")]
enum Ruled {
    Say {
        #[garde(length(min = 1, max = 5))]
        text: String,
        #[garde(range(min = 1))]
        times: u8,
    },
    Lines(#[garde(length(max = 2), dive)] Vec<Line>),
    Free(#[garde(skip)] u8),
}

fn told<M: Incoming>(text: &str) -> Value {
    let (faults, envelope) = refused::<M>(text);
    assert_eq!(faults.code(), 422);
    assert!(envelope.action.is_some());
    assert_eq!(envelope.reference.as_deref(), Some("7"));
    serde_json::to_value(faults).unwrap()
}

#[test]
fn everything_that_breaks_a_rule_is_told_with_its_place() {
    let text = r#"{"ref":"7","action":"say","data":{"text":"much too long","times":0}}"#;
    let told = told::<Ruled>(text);
    assert_eq!(told.as_array().unwrap().len(), 2);
    assert_eq!(told[0]["type"], "value_error");
    assert_eq!(told[0]["loc"], json!(["data", "text"]));
    assert_eq!(told[0]["msg"], "length is greater than 5");
    assert_eq!(told[1]["loc"], json!(["data", "times"]));
}

#[test]
fn places_inside_of_a_newtype_are_those_of_its_payload() {
    let text = r#"{"ref":"7","action":"lines","data":[{"text":"a"},{"text":""}]}"#;
    assert_eq!(told::<Ruled>(text)[0]["loc"], json!(["data", 1, "text"]));
    let text = r#"{"ref":"7","action":"lines","data":[{"text":"a"},{"text":"b"},{"text":"c"}]}"#;
    assert_eq!(told::<Ruled>(text)[0]["loc"], json!(["data"]));
}

#[test]
fn what_keeps_the_rules_is_taken() {
    let said = Ruled::Say {
        text: "hi".into(),
        times: 1,
    };
    assert_eq!(
        read::<Ruled>(r#"{"action":"say","data":{"text":"hi","times":1}}"#),
        said
    );
    assert_eq!(
        read::<Ruled>(r#"{"action":"free","data":0}"#),
        Ruled::Free(0)
    );
}

#[derive(Debug, PartialEq, Message, garde::Validate)]
struct Name(#[garde(ascii)] String);

#[test]
fn a_struct_has_rules_too() {
    let text = r#"{"ref":"7","action":"name","payload":"\u00e4"}"#;
    assert_eq!(told::<Name>(text)[0]["loc"], json!(["payload"]));
    assert_eq!(
        read::<Name>(r#"{"action":"name","payload":"a"}"#),
        Name("a".into())
    );
}
