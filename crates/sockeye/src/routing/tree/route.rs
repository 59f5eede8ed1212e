//! One route of a tree, and what the lookup of a path finds.

use std::panic::Location;

use crate::handshake::Params;
use crate::routing::pattern::Pattern;
use crate::routing::tree::RouteMention;

/// A route of a [`Tree`](crate::routing::Tree).
#[derive(Debug)]
pub struct Route<T> {
    pub(super) pattern: Pattern,
    pub(super) name: Option<Box<str>>,
    pub(super) place: &'static Location<'static>,
    pub(super) value: T,
}

/// What a path leads to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Match<'t, T> {
    /// The route that takes the path.
    pub route: &'t Route<T>,
    /// The parameters that it finds there.
    pub params: Params,
}

impl<T> Route<T> {
    /// Returns the pattern, prefixes included.
    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// Returns the name, namespaces included.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns where in the program the route was added.
    #[must_use]
    pub fn place(&self) -> &'static Location<'static> {
        self.place
    }

    /// Returns what the route leads to.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    pub(super) fn mention(&self) -> RouteMention {
        RouteMention {
            pattern: self.pattern.to_string(),
            place: self.place,
        }
    }
}
