//! Answer: what a subscriber is told beside the events of its view.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::error::Error;
use crate::row::Row;
use crate::table::Table;
use crate::view::Scope;

/// Rows of one frame at most, and their bytes, one row beyond that: a client shows the first while the rest is on its way.
const ROWS: usize = 100;
const BYTES: usize = 32 * 1024;

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
    pub(crate) position: i64,
    pub(crate) view: String,
    /// Whether it goes on where the client was before.
    pub(crate) resumed: bool,
}

pub(crate) fn subscribed(
    table: &Table,
    begins: &Beginning,
    reference: Option<&RawValue>,
) -> String {
    let Beginning {
        position,
        view,
        resumed,
    } = begins;
    let payload = json!({ "position": position, "view": view, "resumed": resumed });
    to_text(&Subscribed {
        action: "subscribed",
        resource: table.name(),
        payload,
        reference,
    })
}

pub(crate) fn unsubscribed(table: &Table, reference: Option<&RawValue>) -> String {
    let payload = json!({});
    to_text(&Subscribed {
        action: "unsubscribed",
        resource: table.name(),
        payload,
        reference,
    })
}

/// What the client has holds no more: `{"event":"reset","resource":"products","position":17,"view":".."}`
pub(crate) fn reset(table: &Table, begins: &Beginning) -> String {
    let Beginning { position, view, .. } = begins;
    json!({ "event": "reset", "resource": table.name(), "position": position, "view": view })
        .to_string()
}

/// Why something that was asked for is not done. What is no business of the client's is logged.
pub(crate) fn refusal(table: &Table, error: &Error, reference: Option<&RawValue>) -> String {
    let code = error.status();
    let message = match code {
        500 => "internal error".to_owned(),
        _ => error.to_string(),
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

/// Rows at a position, in frames: `{"event":"rows","resource":"products","data":[..],"position":17,"last":true}`.
pub(crate) fn rows<'a>(
    table: &'a Table,
    scope: &'a Scope,
    rows: &'a [Row],
    position: i64,
) -> impl Iterator<Item = String> + 'a {
    let mut rest = Some(rows);
    std::iter::from_fn(move || {
        let rows = rest.take()?;
        let (data, left) = page(table, scope, rows);
        rest = Some(left).filter(|left| !left.is_empty());
        let (resource, last) = (json!(table.name()), rest.is_none());
        Some(format!(
            r#"{{"event":"rows","resource":{resource},"data":[{data}],"position":{position},"last":{last}}}"#
        ))
    })
}

fn page<'a>(table: &Table, scope: &Scope, rows: &'a [Row]) -> (String, &'a [Row]) {
    let mut data = String::new();
    let mut taken = 0;
    for row in rows.iter().take(ROWS) {
        if data.len() > BYTES {
            break;
        }
        if taken > 0 {
            data.push(',');
        }
        data.push_str(&row.to_json(table, &scope.columns).to_string());
        taken += 1;
    }
    (data, &rows[taken..])
}

fn to_text(value: &impl Serialize) -> String {
    // Fails for nothing that these are made of.
    serde_json::to_string(value).unwrap_or_default()
}
