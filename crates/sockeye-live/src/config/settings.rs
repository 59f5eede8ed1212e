//! Settings: what a file says of one model.

use serde::Deserialize;
use serde_json::Value;

use crate::config::fault;
use crate::error::Result;
use crate::rights::Operation;

/// What a file says of one model.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table of settings")]
pub(super) struct Settings {
    pub(super) page_size: Option<u64>,
    pub(super) max_page_size: Option<u64>,
    pub(super) handler: Option<String>,
    pub(super) socket: Option<bool>,
    pub(super) hidden: Vec<String>,
    pub(super) read_only: Vec<String>,
    pub(super) permissions: Permissions,
}

/// The name of a permission for each operation.
#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table of operations and their permissions"
)]
pub(super) struct Permissions {
    read: Option<String>,
    create: Option<String>,
    update: Option<String>,
    delete: Option<String>,
    write: Option<String>,
}

impl Settings {
    pub(super) fn read(model: &str, value: &Value) -> Result<Self> {
        let settings: Self = serde_path_to_error::deserialize(value).map_err(|error| {
            let what = match error.path().to_string().as_str() {
                "." => error.inner().to_string(),
                path => format!("`{path}`: {}", error.inner()),
            };
            fault(model, &what)
        })?;
        if let (Some(handler), Some(false)) = (&settings.handler, settings.socket) {
            let what =
                format!("found `handler = {handler:?}` and `socket = false`, expected one of them");
            return Err(fault(model, &what));
        }
        Ok(settings)
    }
}

impl Permissions {
    /// Each operation that something is said of, with the name of its permission.
    pub(super) fn named(&self) -> impl Iterator<Item = (Operation, &str)> {
        Operation::ALL.into_iter().filter_map(|operation| {
            let own = match operation {
                Operation::Read => return Some((operation, self.read.as_deref()?)),
                Operation::Create => &self.create,
                Operation::Update => &self.update,
                Operation::Delete => &self.delete,
            };
            Some((operation, own.as_ref().or(self.write.as_ref())?))
        })
    }
}
