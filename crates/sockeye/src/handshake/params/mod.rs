//! The parameters that a route took out of the path.

mod deserializer;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::handshake::params::deserializer::ParamsDeserializer;

/// How much of a value an error repeats, in characters: enough to recognise it, too little to flood
/// a log.
const SHOWN_MAX: usize = 64;

/// The parameters of the path, percent-decoded, in the order of the route's pattern.
///
/// For `/chat/{room:slug}` and the path `/chat/lobby` there is one, `room`, with the text `lobby`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    pairs: Box<[(Arc<str>, Box<str>)]>,
}

impl Params {
    /// Returns the text of `name`.
    ///
    /// # Errors
    /// [`ParamError::Missing`] when the route has no such parameter.
    pub fn text(&self, name: &str) -> Result<&str, ParamError> {
        self.iter()
            .find(|(found, _)| *found == name)
            .map(|(_, text)| text)
            .ok_or_else(|| ParamError::Missing {
                name: name.to_owned(),
                known: self.names(),
            })
    }

    /// Reads the text of `name` as a `T`.
    ///
    /// # Errors
    /// [`ParamError::Missing`] when the route has no such parameter, [`ParamError::Invalid`] when
    /// its text is no `T`.
    pub fn get<T>(&self, name: &str) -> Result<T, ParamError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let text = self.text(name)?;
        text.parse()
            .map_err(|reason| ParamError::invalid(name, text, &reason))
    }

    /// Reads all parameters into a struct or map (by name), a tuple (by position, all of them), or,
    /// when there is just one, a single value.
    ///
    /// # Errors
    /// [`ParamError::Invalid`] when a text does not fit its place, [`ParamError::Refused`] when `T`
    /// refuses them as a whole, [`ParamError::Shape`] when the route does not have
    /// the parameters that `T` takes.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, ParamError> {
        T::deserialize(ParamsDeserializer::new(self)).map_err(|error| match (error, &*self.pairs) {
            (ParamError::Refused { reason }, [(name, text)]) => {
                ParamError::invalid(name, text, &reason)
            }
            (error, _) => error,
        })
    }

    /// Returns every name with its text.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, text)| (&**name, &**text))
    }

    /// Returns how many parameters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Tells whether the route has no parameters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Returns the names as a sentence has them.
    fn names(&self) -> String {
        if self.is_empty() {
            return "none".to_owned();
        }
        let names: Vec<_> = self.iter().map(|(name, _)| format!("`{name}`")).collect();
        names.join(", ")
    }
}

impl FromIterator<(Arc<str>, Box<str>)> for Params {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Box<str>)>>(pairs: I) -> Self {
        Self {
            pairs: pairs.into_iter().collect(),
        }
    }
}

/// Why a path parameter could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamError {
    /// The route has no parameter of this name; a mistake in the program.
    #[error("no path parameter is called `{name}`: this route has {known}")]
    Missing {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The client's text does not fit the type.
    #[error("path parameter `{name}` cannot be {text:?}: {reason}")]
    Invalid {
        /// The parameter.
        name: String,
        /// Its text, cut to 64 characters.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The type refuses the client's texts as a whole.
    #[error("the path parameters cannot be read: {reason}")]
    Refused {
        /// What the type says.
        reason: String,
    },
    /// The route does not have the parameters that the type takes; a mistake in the program.
    #[error("the path parameters do not fit the type they are read into: {reason}")]
    Shape {
        /// What the two sides have.
        reason: String,
    },
}

impl ParamError {
    fn invalid(name: &str, text: &str, reason: &dyn fmt::Display) -> Self {
        let text = text.chars().take(SHOWN_MAX).collect();
        Self::Invalid {
            name: name.to_owned(),
            text,
            reason: reason.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
