//! Configuration: what is decided about models, from a file instead of code.

mod catalog;
mod permission;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

pub use catalog::ModelCatalog;

use crate::error::{Error, ErrorKind};

/// The models that a configuration file names, each with what it decides: read it with serde, from TOML or any other form,
/// and give it to [`Models::configure`](crate::Models::configure) with a [`ModelCatalog`].
///
/// Everything may be left out, and then is as the program has it in its catalog:
///
/// ```toml
/// [models.products]
/// page_size = 20                  # rows of a page where the client does not say how many
/// max_page_size = 100             # rows of a page that a client may ask for
/// handler = "custom"              # a handler of the catalog; without it, that of the catalog's model
/// hidden = ["cost"]               # columns that nobody sees
/// read_only = ["created_at"]      # columns that clients cannot write
/// permissions = { read = "anyone", write = "staff", delete = "boss" }
///
/// [models.orders]
/// socket = false                  # REST only
/// ```
///
/// Operations are `read`, `create`, `update` and `delete`; `write` is those of the last three that are not named.
///
/// ```
/// # use sockeye_live::ModelsConfig;
/// #[derive(serde::Deserialize)]
/// struct Settings {
///     models: ModelsConfig,
/// }
///
/// let settings: Settings = toml::from_str("[models.products]\npage_size = 20").unwrap();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct ModelsConfig(pub(crate) BTreeMap<String, Value>);

/// What is wrong with the configuration of a model.
fn fault(model: &str, what: &str) -> Error {
    let text = format!("cannot configure the model `{model}`: {what}");
    Error::new(ErrorKind::Configuration, text)
}

/// The names that would have been right.
fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match &names[..] {
        [] => "none, as there is none".to_owned(),
        [one] => one.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}
