//! Event: what the subscribers of a view are told of a change.

use serde::Serialize;
use serde_json::value::RawValue;

/// What became of a row, as a view shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EventKind {
    Created,
    Updated,
    Deleted,
}

/// `{"event":"created","resource":"products","data":{..},"position":17}`
#[derive(Serialize)]
pub(crate) struct Event<'a> {
    pub(crate) event: EventKind,
    pub(crate) resource: &'a str,
    pub(crate) data: &'a RawValue,
    /// Where those are who have been told this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<i64>,
}

impl Event<'_> {
    pub(crate) fn to_text(&self) -> String {
        // Fails for nothing that it is made of.
        serde_json::to_string(self).unwrap_or_default()
    }
}
