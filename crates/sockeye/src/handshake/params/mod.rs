//! The parameters that a route took out of the path.

mod deserializer;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use smallvec::SmallVec;

use crate::handshake::params::deserializer::ParamsDeserializer;
use crate::handshake::texts::{self, Texts};

/// How much of a value an error repeats, in characters: enough to recognise it, too little to flood
/// a log.
const SHOWN_MAX: usize = 64;

/// The parameters of the path, percent-decoded, in the order of the route's pattern.
///
/// For `/chat/{room:slug}` and the path `/chat/lobby` there is one, `room`, with the text `lobby`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params {
    /// Names and texts in turn. One short parameter takes no block of its own.
    texts: SmallVec<[u8; 16]>,
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
        T::deserialize(ParamsDeserializer::new(self)).map_err(|error| match (error, self.only()) {
            (ParamError::Refused { reason }, Some((name, text))) => {
                ParamError::invalid(name, text, &reason)
            }
            (error, _) => error,
        })
    }

    /// Returns every name with its text.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.pairs()
    }

    fn pairs(&self) -> Pairs<'_> {
        let texts = Texts::of(&self.texts);
        let left = texts.clone().count() / 2;
        Pairs { texts, left }
    }

    /// Returns the parameter when there is just one.
    fn only(&self) -> Option<(&str, &str)> {
        let mut pairs = self.iter();
        pairs.next().filter(|_| pairs.len() == 0)
    }

    /// Returns how many parameters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().len()
    }

    /// Tells whether the route has no parameters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
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
        let mut texts = SmallVec::new();
        for (name, text) in pairs {
            texts::append(&mut texts, name.as_bytes());
            texts::append(&mut texts, text.as_bytes());
        }
        texts.shrink_to_fit();
        Self { texts }
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The parameters one after the other.
#[derive(Clone)]
struct Pairs<'a> {
    texts: Texts<'a>,
    left: usize,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, text) = (self.texts.next()?, self.texts.next()?);
        self.left -= 1;
        let readable = |text| str::from_utf8(text).unwrap_or_default();
        Some((readable(name), readable(text)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Pairs<'_> {}

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
