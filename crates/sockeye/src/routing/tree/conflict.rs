//! Two routes that cannot both be.

use std::fmt;
use std::panic::Location;

use crate::routing::PatternError;

/// Two routes that cannot both be; the text names both and the places where they were added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// Both take the same paths, though their parameters may be called differently.
    #[error(
        "route {new} takes the same paths as route {old}: \
         change the path of one or the kind of a parameter, or remove it"
    )]
    SamePaths {
        /// The route that was added first.
        old: RouteMention,
        /// The route that was refused.
        new: RouteMention,
    },
    /// Both have the same name.
    #[error(
        "route {new} has the name `{name}` of route {old}: \
         a name leads back to one url, choose another"
    )]
    SameName {
        /// The name.
        name: String,
        /// The route that was added first.
        old: RouteMention,
        /// The route that was refused.
        new: RouteMention,
    },
}

/// A route in the text of a [`Conflict`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteMention {
    /// Its pattern.
    pub pattern: String,
    /// Where it was added.
    pub place: &'static Location<'static>,
}

impl fmt::Display for RouteMention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` ({}:{})",
            self.pattern,
            self.place.file(),
            self.place.line()
        )
    }
}

/// Why routes cannot be put below a prefix.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NestError {
    /// The prefix and a route make no pattern together.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A route is there already.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}
