//! Answer: what a subscriber is told beside the events of its view.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::error::Error;
use crate::table::Table;

/// `{"action":"subscribed","resource":"products","payload":{"position":17,"view":"..","resumed":false},"ref":..}`
#[derive(Serialize)]
struct Subscribed<'a> {
    action: &'static str,
    resource: &'a str,
    payload: Value,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a RawValue>,
}

/// Where a subscription begins.
#[derive(Clone, Debug)]
pub(crate) struct Beginning {
    /// Where the client is once it has been told this; `None` while rows are still to come, whose last frame says it.
    pub(crate) position: Option<i64>,
    pub(crate) view: String,
    /// Whether it goes on where the client was before.
    pub(crate) resumed: bool,
}

pub(crate) fn subscribed(
    table: &Table,
    begins: &Beginning,
    reference: Option<&RawValue>,
) -> String {
    let mut payload = json!({ "view": begins.view, "resumed": begins.resumed });
    if let Some(position) = begins.position {
        payload["position"] = json!(position);
    }
    to_text(&Subscribed {
        action: "subscribed",
        resource: table.name(),
        payload,
        reference,
    })
}

pub(crate) fn unsubscribed(table: &Table, reference: Option<&RawValue>) -> String {
    to_text(&Subscribed {
        action: "unsubscribed",
        resource: table.name(),
        payload: json!({}),
        reference,
    })
}

/// What the client has holds no more: `{"event":"reset","resource":"products","view":"..","position":17}`
pub(crate) fn reset(table: &Table, begins: &Beginning) -> String {
    let mut reset = json!({ "event": "reset", "resource": table.name(), "view": begins.view });
    if let Some(position) = begins.position {
        reset["position"] = json!(position);
    }
    reset.to_string()
}

/// Why something that was asked for is not done. What is no business of the client's is logged.
pub(crate) fn refusal(table: &Table, error: &Error, reference: Option<&RawValue>) -> String {
    let code = error.status();
    let message = match error.is_internal() {
        true => "internal error".to_owned(),
        false => error.to_string(),
    };
    let mut payload = json!({ "code": code, "message": message });
    if let Some(faults) = error.faults() {
        payload["errors"] = json!(faults);
    }
    to_text(&Subscribed {
        action: "error",
        resource: table.name(),
        payload,
        reference,
    })
}

fn to_text(value: &impl Serialize) -> String {
    // Fails for nothing that these are made of.
    serde_json::to_string(value).unwrap_or_default()
}
