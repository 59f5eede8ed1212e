//! Settings: all options of a program together, as files and environments write them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::{HubOptions, Options, ServerOptions};

/// All options, to be read from a file in any format of serde that describes itself, from the environment, or from both.
///
/// What is missing keeps its default; an unknown name is an error that tells it. Durations are texts such as `"10s"`,
/// `"250ms"` or a number of seconds, sizes are numbers of bytes. What may be `None` in code is `"off"`.
///
/// ```
/// use sockeye::{Hub, Router, Server, Settings};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let file = r#"
///     [options]
///     message_bytes = 65536
///     idle_timeout = "5m"
///     rate = "off"
///     heartbeat = { interval = "10s" }
///
///     [server]
///     connections = 5000
///
///     [hub]
///     overflow = { prices = "keep_latest" }
/// "#;
/// let settings: Settings = toml::from_str(file)?;
/// // What the environment says wins: SOCKEYE_MESSAGE_BYTES=4096, SOCKEYE_SERVER_CONNECTIONS=100.
/// let settings = settings.with_environment()?;
///
/// let hub = Hub::with_options(settings.hub);
/// let routes = Router::new().hub(&hub).options(settings.options);
/// Server::bind("127.0.0.1:3000").await?.options(settings.server).run_until_signal(routes).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// Those of all endpoints that set none: for [`Router::options`](crate::Router::options).
    pub options: Options,
    /// Those of the listener: for [`Server::options`](crate::Server::options).
    pub server: ServerOptions,
    /// Those of the node: for [`Hub::with_options`](crate::Hub::with_options).
    pub hub: HubOptions,
}

/// A variable of the environment that names no setting, or has a value that the setting cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the settings: {variable}={value} is not understood: {why}")]
pub struct SettingsError {
    variable: String,
    value: String,
    why: String,
}

/// What all variables begin with.
const PREFIX: &str = "SOCKEYE_";

/// This one is older than the others, and read by [`HubOptions::default`] too. Only 0 turns it off.
const WATCH_SOCKETS: &str = "SOCKEYE_WATCH_SOCKETS";

impl Settings {
    /// The defaults with what the environment says.
    ///
    /// # Errors
    /// As [`with_environment`](Self::with_environment).
    pub fn from_environment() -> Result<Self, SettingsError> {
        Self::default().with_environment()
    }

    /// The same with what the environment says: every variable whose name begins with `SOCKEYE_`.
    ///
    /// | variable | sets |
    /// |---|---|
    /// | `SOCKEYE_MESSAGE_BYTES=65536` | `options.message_bytes` |
    /// | `SOCKEYE_HEARTBEAT_INTERVAL=10s` | `options.heartbeat.interval` |
    /// | `SOCKEYE_RATE=off` | `options.rate` |
    /// | `SOCKEYE_LOG_IGNORED=ping,typing` | `options.log_ignored` |
    /// | `SOCKEYE_SERVER_CONNECTIONS=5000` | `server.connections` |
    /// | `SOCKEYE_HUB_SHARDS=2` | `hub.shards` |
    ///
    /// What becomes of messages without room, `hub.overflow`, is named by kinds of groups and cannot be set so.
    ///
    /// # Errors
    /// [`SettingsError`] when such a variable names no setting, or has a value that the setting cannot have; the text names it.
    pub fn with_environment(self) -> Result<Self, SettingsError> {
        let variables = std::env::vars_os();
        // What is not Unicode is none of ours, or wrong in any case.
        let texts = variables.map(|(name, value)| {
            let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
            (text(name), text(value))
        });
        self.with_variables(texts)
    }

    /// The same with variables from elsewhere, such as a `.env` file. Names that do not begin with `SOCKEYE_` are passed
    /// over.
    ///
    /// # Errors
    /// As [`with_environment`](Self::with_environment).
    pub fn with_variables<N, V>(
        self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, SettingsError>
    where
        N: Into<String>,
        V: Into<String>,
    {
        let variables = variables.into_iter();
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        let mut ours: Vec<(String, String)> = variables
            .filter(|(name, _)| name.starts_with(PREFIX))
            .collect();
        ours.sort();
        ours.into_iter().try_fold(self, |settings, (name, value)| {
            settings.with_variable(&name, &value)
        })
    }

    fn with_variable(mut self, name: &str, value: &str) -> Result<Self, SettingsError> {
        let refused = |why: &dyn fmt::Display| SettingsError {
            variable: name.to_owned(),
            value: value.to_owned(),
            why: why.to_string(),
        };
        if name == WATCH_SOCKETS {
            self.hub.watch_sockets = value != "0";
            return Ok(self);
        }
        let mut all = serde_json::to_value(&self).map_err(|error| refused(&error))?;
        let setting = find(&mut all, &name[PREFIX.len()..].to_lowercase());
        let setting = setting.ok_or_else(|| refused(&"there is no setting of that name"))?;
        *setting = read(setting, value);
        serde_json::from_value(all).map_err(|error| refused(&error))
    }
}

/// The setting of a name: in the part that it begins with, else among the options of endpoints.
fn find<'a>(all: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let (part, rest) = ["server", "hub"]
        .into_iter()
        .find_map(|part| Some((part, name.strip_prefix(part)?.strip_prefix('_')?)))
        .unwrap_or(("options", name));
    descend(all.get_mut(part)?, rest)
}

/// The value that a name leads to whose parts are joined by underscores, as are words inside of them.
fn descend<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let fields = value.as_object_mut()?;
    if fields.contains_key(name) {
        return fields.get_mut(name);
    }
    fields.iter_mut().find_map(|(field, inner)| {
        let rest = name.strip_prefix(field.as_str())?.strip_prefix('_')?;
        descend(inner, rest)
    })
}

/// The text of a variable as the kind of value that it stands for. One that cannot be stays text, and is refused.
fn read(before: &Value, text: &str) -> Value {
    let read = match before {
        Value::Bool(_) => match text {
            "1" => Some(true.into()),
            "0" => Some(false.into()),
            text => text.parse::<bool>().ok().map(Value::from),
        },
        Value::Number(_) => text.parse::<u64>().ok().map(Value::from),
        Value::Array(_) => {
            let parts = text.split(',').map(str::trim);
            Some(parts.filter(|part| !part.is_empty()).collect())
        }
        Value::Null | Value::String(_) | Value::Object(_) => None,
    };
    read.unwrap_or_else(|| text.into())
}
