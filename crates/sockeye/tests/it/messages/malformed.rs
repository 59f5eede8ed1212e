//! Twenty kinds of malformed input, none of which is taken and none of which costs more than its own length.

use serde::Deserialize;
use sockeye::{DecodeError, Envelope, Faults, Form, Incoming, Message, Payload};

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to be refused")]
pub(crate) struct Tree {
    children: Vec<Self>,
}

#[derive(Debug, Message)]
#[message(incoming)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read to be refused")]
pub(crate) enum Taken {
    Ping,
    Say { text: String, times: Option<u8> },
    Grow(Tree),
}

fn say(payload: &str) -> String {
    format!(r#"{{"action":"say","payload":{payload}}}"#)
}

/// What it is, the text, and the type of the fault.
type Kind = (&'static str, String, &'static str);

pub(crate) fn kinds() -> Vec<Kind> {
    [texts(), envelopes(), payloads()].concat()
}

fn deep(open: &str, close: &str) -> String {
    format!("{}{}", open.repeat(10_000), close.repeat(10_000))
}

fn texts() -> Vec<Kind> {
    let table = [
        ("nothing", "", "json_invalid"),
        (
            "truncated",
            r#"{"action":"say","payload":{"te"#,
            "json_invalid",
        ),
        (
            "two messages",
            r#"{"action":"ping"}{"action":"ping"}"#,
            "json_invalid",
        ),
        ("a comma too many", r#"{"action":"ping",}"#, "json_invalid"),
        ("single quotes", "{'action':'ping'}", "json_invalid"),
        (
            "a control character",
            "{\"action\":\"pi\u{1}ng\"}",
            "json_invalid",
        ),
        ("lists 10,000 deep", &deep("[", "]"), "model_type"),
        ("a list", r#"["ping"]"#, "model_type"),
        ("null", "null", "model_type"),
        ("a number", "7", "model_type"),
    ];
    table
        .map(|(name, text, kind)| (name, text.to_owned(), kind))
        .into()
}

fn envelopes() -> Vec<Kind> {
    let long = "x".repeat(100_000);
    let table = [
        (
            "an action 10,000 deep",
            format!(r#"{{"action":{}}}"#, deep("[", "]")),
            "union_tag_invalid",
        ),
        (
            "an action twice",
            r#"{"action":"ping","action":"say"}"#.to_owned(),
            "value_error",
        ),
        (
            "a payload twice",
            r#"{"action":"say","payload":{"text":"a"},"payload":{"text":"b"}}"#.to_owned(),
            "value_error",
        ),
        (
            "an action in another case",
            r#"{"action":"PING"}"#.to_owned(),
            "union_tag_invalid",
        ),
        (
            "a very long action",
            format!(r#"{{"action":"{long}"}}"#),
            "union_tag_invalid",
        ),
        (
            "a very long reference",
            format!(r#"{{"action":"ping","ref":"{long}"}}"#),
            "value_error",
        ),
    ];
    table.into()
}

fn payloads() -> Vec<Kind> {
    let tree = format!(
        r#"{{"action":"grow","payload":{}}}"#,
        deep(r#"{"children":["#, "]}")
    );
    let table = [
        ("a tree 10,000 deep", tree, "json_invalid"),
        (
            "a field twice",
            say(r#"{"text":"a","text":"b"}"#),
            "value_error",
        ),
        (
            "a field too many",
            say(r#"{"text":"a","more":1}"#),
            "extra_forbidden",
        ),
        (
            "a huge number",
            say(r#"{"text":"a","times":1e999}"#),
            "json_invalid",
        ),
        (
            "a number too large",
            say(r#"{"text":"a","times":256}"#),
            "value_error",
        ),
        (
            "a lone surrogate",
            say(r#"{"text":"\ud800"}"#),
            "json_invalid",
        ),
        ("null for a text", say(r#"{"text":null}"#), "type_error"),
        ("a list for an object", say(r#"["hi",1]"#), "type_error"),
        ("a list for a text", say(r#"{"text":["a"]}"#), "type_error"),
    ];
    table.into()
}

fn refused(payload: Payload<'_>) -> Faults {
    match Taken::read(payload, Form::DEFAULT, &mut Envelope::default()) {
        Err(DecodeError::Invalid(faults)) => faults,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_kind_is_refused_in_few_words() {
    for (name, text, kind) in kinds() {
        let told = serde_json::to_value(refused(Payload::Text(&text))).unwrap();
        assert_eq!(told[0]["type"], kind, "{name}: {told}");
        assert!(
            told[0]["msg"].as_str().unwrap().chars().count() <= 200,
            "{name}"
        );
    }
}

#[test]
fn bytes_are_refused_where_text_is_spoken() {
    for bytes in [&b"\xff\xfe"[..], br#"{"action":"ping"}"#, b""] {
        assert_eq!(refused(Payload::Binary(bytes)).code(), 400);
    }
}
