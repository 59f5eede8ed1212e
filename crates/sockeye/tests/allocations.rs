//! What reading and writing a typed message allocates: the message's own fields and nothing else.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

use sockeye::{Envelope, Form, Incoming, Json, Message, Outgoing, Payload};

#[derive(Debug, Message)]
enum Counted {
    Ping,
    Move { x: i32, y: f64, up: bool },
    Say { text: String },
    Numbers(Vec<u64>),
}

/// The allocations of reading a text, without those of warming up.
fn reading(text: &str) -> u64 {
    let read = || {
        let mut envelope = Envelope::default();
        drop(Counted::read(Payload::Text(text), Form::DEFAULT, &mut envelope).unwrap());
    };
    read();
    allocation_counter::measure(read).count_total
}

#[test]
fn a_message_without_owned_fields_is_read_without_an_allocation() {
    for text in [
        r#"{"action":"ping"}"#,
        r#"{"action":"move","payload":{"x":1,"y":-2.5,"up":true}}"#,
        r#"{"payload":{"up":true,"x":1,"y":-2.5,"more":7},"x":null,"action":"move"}"#,
    ] {
        assert_eq!(reading(text), 0, "{text}");
    }
}

#[test]
fn each_owned_field_is_one_allocation() {
    assert_eq!(reading(r#"{"action":"say","payload":{"text":"hi"}}"#), 1);
    assert_eq!(reading(r#"{"payload":{"text":"hi"},"action":"say"}"#), 1);
    assert_eq!(
        reading(r#"{"action":"ping","ref":"7"}"#),
        1,
        "the reference"
    );
    // A list grows: 4, 8.
    assert_eq!(reading(r#"{"action":"numbers","payload":[1,2,3,4,5]}"#), 2);
}

#[test]
fn what_is_passed_over_costs_nothing() {
    let text =
        r#"{"action":"move","payload":{"up":true,"x":1,"y":-2.5},"more":[[{"a":["\n",{}]}]]}"#;
    assert_eq!(reading(text), 0);
}

#[test]
fn escapes_cost_what_they_cost_serde_json() {
    let text = r#""two\nlines, and \"quotes\"""#;
    let ours = || drop(Json::<String>::decode(Payload::Text(text)).unwrap());
    let theirs = || drop(serde_json::from_str::<String>(text).unwrap());
    let [ours, theirs] = [
        allocation_counter::measure(ours),
        allocation_counter::measure(theirs),
    ];
    assert_eq!(ours.count_total, theirs.count_total);
    assert_eq!(ours.bytes_total, theirs.bytes_total);
}

#[test]
fn writing_allocates_nothing_but_the_room_for_the_text() {
    let said = Counted::Say { text: "hi".into() };
    let mut out = Vec::with_capacity(100);
    let info = allocation_counter::measure(|| {
        said.write(Form::DEFAULT, &mut out).unwrap();
    });
    assert_eq!(info.count_total, 0);
}
