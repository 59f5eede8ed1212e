//! Any bytes as a typed message, in JSON and in MessagePack: bounded faults, and values that come back as they went.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};
use sockeye::{
    Case, DecodeError, Envelope, Form, Format, Incoming, Message, Outgoing, Payload, Wire,
};

#[derive(Debug, Serialize, Deserialize)]
enum Colour {
    Red,
    Rgb(u8, u8, u8),
    Named { colour_name: String },
}

#[derive(Debug, Serialize, Deserialize)]
struct Tree {
    children: Vec<Tree>,
}

#[derive(Debug, Message)]
#[serde(deny_unknown_fields)]
enum Rich {
    Ping,
    Say {
        user_text: String,
        number: i64,
        #[serde(default)]
        maybe: Option<f64>,
        colour: Colour,
    },
    Grow(Tree),
    Map(BTreeMap<String, Vec<bool>>),
    Pair(u64, char),
    Maybe(Option<String>),
    Open {
        #[serde(flatten)]
        rest: BTreeMap<String, u8>,
    },
}

fuzz_target!(|input: &[u8]| {
    let [setup, bytes @ ..] = input else { return };
    let mut wire = Wire::default();
    if setup & 1 == 1 {
        wire.case = Case::Camel;
    }
    if setup & 2 == 2 {
        let form = Form::new(&wire, Format::MessagePack);
        try_form(form, Payload::Binary(bytes));
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        try_form(Form::new(&wire, Format::Json), Payload::Text(text));
    }
});

fn try_form(form: Form<'_>, payload: Payload<'_>) {
    let mut envelope = Envelope::default();
    let message = match Rich::read(payload, form, &mut envelope) {
        Ok(message) => message,
        Err(DecodeError::Invalid(faults)) => return check(&faults, &envelope),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(envelope.action, Some(message.action()));
    // A change of case may make two keys of a map one, so that only the second time brings back what it took.
    let Some(once) = again(&message, form) else {
        return;
    };
    let twice = again(&once, form).expect("what was read is written and read again");
    assert_eq!(format!("{once:?}"), format!("{twice:?}"));
    if form.wire().case == Case::AsWritten {
        assert_eq!(format!("{message:?}"), format!("{once:?}"));
    }
}

fn again(message: &Rich, form: Form<'_>) -> Option<Rich> {
    let mut out = Vec::new();
    message
        .write(form, &mut out)
        .expect("every value has a form");
    let payload = match form.format() {
        Format::Json => Payload::Text(std::str::from_utf8(&out).expect("JSON is text")),
        _ => Payload::Binary(&out),
    };
    Rich::read(payload, form, &mut Envelope::default()).ok()
}

fn check(faults: &sockeye::Faults, envelope: &Envelope) {
    assert!((1..=16).contains(&faults.list().len()));
    for fault in faults.list() {
        assert!(fault.msg().chars().count() <= 200);
        assert!(fault.loc().len() <= 130);
    }
    let reference = envelope.reference.as_deref().unwrap_or_default();
    assert!(reference.len() <= 128);
    let told = serde_json::to_string(faults).expect("faults are JSON");
    assert!(told.len() <= 200_000);
}
