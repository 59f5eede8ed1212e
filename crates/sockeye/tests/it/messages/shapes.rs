//! The shapes that a payload may have.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use sockeye::{Incoming, Message, Outgoing};

use super::{read, written};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Point {
    x: i32,
    y: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
enum Shapes {
    Ping,
    Say { text: String, to: Option<String> },
    Nothing {},
    Goto(Point),
    Numbers(Vec<u32>),
    Table(BTreeMap<String, Point>),
    Perhaps(Option<Point>),
    Name(String),
    Pair(u8, String),
    None(),
    r#Type { r#type: u8 },
}

#[derive(Clone, Debug, PartialEq, Message)]
struct Tick;

#[derive(Clone, Debug, PartialEq, Message)]
struct SayHi {
    text: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
struct Items(Vec<Point>);

#[derive(Clone, Debug, PartialEq, Message)]
struct Move(i32, i32);

#[track_caller]
fn both_ways<M: Incoming + Outgoing + PartialEq + Debug>(message: &M, text: &str) {
    assert_eq!(written(message), text);
    assert_eq!(read::<M>(text), *message);
}

#[test]
fn every_shape_of_a_variant_is_read_as_it_is_written() {
    let point = Point { x: 1, y: -2 };
    let table = [
        (Shapes::Ping, r#"{"action":"ping"}"#),
        (
            Shapes::Say {
                text: "hi".into(),
                to: None,
            },
            r#"{"action":"say","payload":{"text":"hi","to":null}}"#,
        ),
        (Shapes::Nothing {}, r#"{"action":"nothing","payload":{}}"#),
        (
            Shapes::Goto(point.clone()),
            r#"{"action":"goto","payload":{"x":1,"y":-2}}"#,
        ),
        (
            Shapes::Numbers(vec![1, 2]),
            r#"{"action":"numbers","payload":[1,2]}"#,
        ),
        (
            Shapes::Table(BTreeMap::from([("a".into(), point.clone())])),
            r#"{"action":"table","payload":{"a":{"x":1,"y":-2}}}"#,
        ),
        (
            Shapes::Perhaps(None),
            r#"{"action":"perhaps","payload":null}"#,
        ),
        (
            Shapes::Perhaps(Some(point)),
            r#"{"action":"perhaps","payload":{"x":1,"y":-2}}"#,
        ),
        (
            Shapes::Name("Ann".into()),
            r#"{"action":"name","payload":"Ann"}"#,
        ),
        (
            Shapes::Pair(7, "b".into()),
            r#"{"action":"pair","payload":[7,"b"]}"#,
        ),
        (Shapes::None(), r#"{"action":"none","payload":[]}"#),
        (
            Shapes::Type { r#type: 3 },
            r#"{"action":"type","payload":{"type":3}}"#,
        ),
    ];
    for (message, text) in table {
        both_ways(&message, text);
    }
}

#[test]
fn every_shape_of_a_struct_is_read_as_it_is_written() {
    both_ways(&Tick, r#"{"action":"tick"}"#);
    both_ways(
        &SayHi { text: "hi".into() },
        r#"{"action":"say_hi","payload":{"text":"hi"}}"#,
    );
    both_ways(
        &Items(vec![Point::default()]),
        r#"{"action":"items","payload":[{"x":0,"y":0}]}"#,
    );
    both_ways(&Move(1, 2), r#"{"action":"move","payload":[1,2]}"#);
}

#[test]
fn keys_come_in_any_order_with_others_between_them() {
    let said = Shapes::Say {
        text: "hi".into(),
        to: None,
    };
    let table = [
        r#"{"payload":{"text":"hi"},"action":"say"}"#,
        r#"{"version":1,"payload":{"to":null,"text":"hi"},"x":[{}],"action":"say","ref":"7"}"#,
        r#" { "ref" : null , "action" : "say" , "payload" : { "text" : "hi", "more": 1 } } "#,
        r#"{"\u0061ction":"s\u0061y","payload":{"text":"h\u0069"}}"#,
    ];
    for text in table {
        assert_eq!(read::<Shapes>(text), said, "{text}");
    }
}

#[test]
fn a_payload_may_be_absent_where_nothing_is_enough() {
    assert_eq!(
        read::<Shapes>(r#"{"action":"perhaps"}"#),
        Shapes::Perhaps(None)
    );
    assert_eq!(
        read::<Shapes>(r#"{"action":"nothing"}"#),
        Shapes::Nothing {}
    );
    for payload in ["null", "{}", "[1]", "\"x\"", "1e99"] {
        let text = format!(r#"{{"payload":{payload},"action":"ping"}}"#);
        assert_eq!(read::<Shapes>(&text), Shapes::Ping, "{payload}");
    }
}
