//! Messages that describe themselves.

use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sockeye::{Message, MessageSchema};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Point {
    x: i32,
}

#[derive(Message)]
#[message(schema, rename_all_fields = "camelCase")]
enum Drawn {
    /// Nothing to say.
    Ping,
    /// A line of text.
    SetText {
        /// What it says.
        new_text: String,
        size: Option<u8>,
    },
    Goto(Point),
    Pair(u8, String),
}

#[derive(Message)]
#[message(schema, payload_key = "data")]
struct Say {
    text: String,
}

fn plain(schema: schemars::Schema) -> Value {
    schema.to_value()
}

#[test]
fn each_action_has_its_payload_and_its_description() {
    let mut generator = SchemaGenerator::default();
    let payloads = Drawn::payloads(&mut generator);
    let actions: Vec<&str> = payloads.iter().map(|one| one.action).collect();
    assert_eq!(actions, Drawn::ACTIONS);
    assert_eq!(
        (payloads[0].description, &payloads[0].payload),
        ("Nothing to say.", &None)
    );
    assert_eq!(payloads[1].description, "A line of text.");
    let text = plain(payloads[1].payload.clone().unwrap());
    assert_eq!(
        text["properties"]["newText"]["description"],
        "What it says."
    );
    assert_eq!(text["required"], json!(["newText"]));
    let goto = plain(payloads[2].payload.clone().unwrap());
    assert_eq!(goto["$ref"], "#/$defs/Point");
    assert!(generator.definitions().contains_key("Point"));
    let pair = plain(payloads[3].payload.clone().unwrap());
    assert_eq!(pair["type"], "array");
}

#[test]
fn a_type_is_the_object_that_travels() {
    let schema = plain(SchemaGenerator::default().into_root_schema_for::<Drawn>());
    let each = schema["oneOf"].as_array().unwrap();
    assert_eq!(
        each[0]["properties"],
        json!({ "action": { "const": "ping" } })
    );
    assert_eq!(each[1]["required"], json!(["action", "payload"]));
    let schema = plain(SchemaGenerator::default().into_root_schema_for::<Say>());
    assert_eq!(schema["title"], "Say");
    assert_eq!(schema["properties"]["action"]["const"], "say");
    assert_eq!(schema["properties"]["data"]["required"], json!(["text"]));
}

#[cfg(feature = "garde")]
mod rules {
    use super::*;

    #[derive(Message, garde::Validate)]
    #[message(schema)]
    struct Limited {
        #[garde(length(min = 1, max = 5))]
        text: String,
    }

    #[test]
    fn rules_are_part_of_the_description() {
        let mut generator = SchemaGenerator::default();
        let payload = Limited::payloads(&mut generator).remove(0).payload;
        assert_eq!(
            plain(payload.unwrap())["properties"]["text"]["maxLength"],
            5
        );
    }
}
