//! The routes of a router, and the lookup of a path among them.

mod conflict;
mod node;
mod path;
mod route;

use std::collections::HashMap;
use std::panic::Location;
use std::sync::Arc;

use crate::routing::pattern::{Pattern, Tail, UrlError};
use crate::routing::segment::{Segment, SegmentKind};
pub use crate::routing::tree::conflict::{Conflict, NestError, RouteMention};
use crate::routing::tree::node::Node;
use crate::routing::tree::path::{RequestPath, joined};
pub use crate::routing::tree::route::{Match, Route};

/// Routes with a value each, found by path.
///
/// The order of insertion does not matter for them, except among regular expressions: those are
/// tried one after the other when no plain pattern takes a path. A path is looked up as sent,
/// without its query; it has at most 4,096 bytes and 64 segments.
///
/// Cost of a lookup: each place in the tree is entered at most once, then each regular expression
/// runs at most once, in time linear in the path. No path makes it slower than that.
#[derive(Debug)]
pub struct Tree<T> {
    routes: Vec<Route<T>>,
    root: Node,
    /// The routes by regular expression, in order of insertion.
    regexes: Vec<usize>,
    names: HashMap<Box<str>, usize>,
}

impl<T> Tree<T> {
    /// Makes a tree without routes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            routes: Vec::new(),
            root: Node::default(),
            regexes: Vec::new(),
            names: HashMap::new(),
        }
    }

    /// Adds a route. `place` is where the program added it, for the text of a conflict.
    ///
    /// # Errors
    /// [`Conflict`] when another route takes the same paths or has the same name; the tree stays as
    /// it was.
    pub fn insert(
        &mut self,
        pattern: Pattern,
        name: Option<&str>,
        place: &'static Location<'static>,
        value: T,
    ) -> Result<(), Conflict> {
        self.add(Route {
            pattern,
            name: name.map(Box::from),
            place,
            value,
        })
    }

    fn add(&mut self, route: Route<T>) -> Result<(), Conflict> {
        if let Some(old) = self
            .routes
            .iter()
            .find(|old| old.pattern.has_shape_of(&route.pattern))
        {
            return Err(Conflict::SamePaths {
                old: old.mention(),
                new: route.mention(),
            });
        }
        if let Some((name, old)) = route
            .name()
            .and_then(|name| Some((name, self.named(name)?)))
        {
            let name = name.to_owned();
            return Err(Conflict::SameName {
                name,
                old: old.mention(),
                new: route.mention(),
            });
        }
        let index = self.routes.len();
        match route.pattern.tail() {
            Some(_) => self.regexes.push(index),
            None => *self.root.slot(route.pattern.segments()) = Some(index),
        }
        if let Some(name) = &route.name {
            self.names.insert(name.clone(), index);
        }
        self.routes.push(route);
        Ok(())
    }

    /// Adds the routes of `tree` below `prefix`, whose parameters each of them gets. In a
    /// `namespace`, a route named `room` becomes `namespace:room`.
    ///
    /// # Errors
    /// [`NestError`] when a route cannot stand below the prefix or conflicts with another; the
    /// routes before it have been added.
    pub fn nest(
        &mut self,
        prefix: &Pattern,
        namespace: Option<&str>,
        tree: Self,
    ) -> Result<(), NestError> {
        for route in tree.routes {
            let pattern = route.pattern.below(prefix)?;
            let name = match (namespace, route.name) {
                (Some(space), Some(name)) => Some(format!("{space}:{name}").into()),
                (_, name) => name,
            };
            self.add(Route {
                pattern,
                name,
                ..route
            })?;
        }
        Ok(())
    }

    /// Makes a tree with the same routes and other values.
    #[must_use]
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Tree<U> {
        self.map_routes(|_, value| change(value))
    }

    /// The same by a function that sees the patterns of the routes.
    pub(crate) fn map_routes<U>(self, mut change: impl FnMut(&Pattern, T) -> U) -> Tree<U> {
        let routes = self.routes.into_iter().map(|route| Route {
            value: change(&route.pattern, route.value),
            pattern: route.pattern,
            name: route.name,
            place: route.place,
        });
        Tree {
            routes: routes.collect(),
            root: self.root,
            regexes: self.regexes,
            names: self.names,
        }
    }

    /// Looks up a path as sent, percent-encoded and without its query.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<Match<'_, T>> {
        let path = RequestPath::split(path)?;
        let plain = self.root.find(path.segments()).and_then(|index| {
            let route = self.routes.get(index)?;
            Some(Match {
                route,
                params: params_of(route.pattern.segments(), &path).collect(),
            })
        });
        plain.or_else(|| self.find_regex(&path))
    }

    fn find_regex(&self, path: &RequestPath<'_>) -> Option<Match<'_, T>> {
        if self.regexes.is_empty() || path.segments().iter().any(|segment| segment.contains('/')) {
            return None;
        }
        let routes = self
            .regexes
            .iter()
            .filter_map(|index| self.routes.get(*index));
        routes.filter_map(|route| regex_match(route, path)).next()
    }

    /// Returns the route of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Route<T>> {
        self.names
            .get(name)
            .and_then(|index| self.routes.get(*index))
    }

    /// Makes the path of the route of this name; see [`Pattern::url`].
    ///
    /// # Errors
    /// [`UrlError`] when there is no such route, or when the parameters do not fit it.
    pub fn url(&self, name: &str, params: &[(&str, &str)]) -> Result<String, UrlError> {
        match self.named(name) {
            Some(route) => route.pattern.url(params),
            None => Err(UrlError::UnknownName {
                name: name.to_owned(),
            }),
        }
    }

    /// Returns the routes in the order in which they were added.
    pub fn routes(&self) -> impl ExactSizeIterator<Item = &Route<T>> {
        self.routes.iter()
    }
}

impl<T> Default for Tree<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes the parameters that `segments` name out of a path that they take.
fn params_of(
    segments: &[Segment],
    path: &RequestPath<'_>,
) -> impl Iterator<Item = (Arc<str>, Box<str>)> {
    segments
        .iter()
        .enumerate()
        .filter_map(|(position, segment)| {
            let Segment::Parameter { name, kind } = segment else {
                return None;
            };
            let rest = path.segments().get(position..)?;
            let text = match kind {
                SegmentKind::Path => joined(rest).into(),
                kind => kind.settle(rest.first()?.clone()),
            };
            Some((Arc::clone(name), text))
        })
}

/// Matches the segments before a regular expression one by one, and the rest by it.
fn regex_match<'t, T>(route: &'t Route<T>, path: &RequestPath<'_>) -> Option<Match<'t, T>> {
    let Tail { regex, names, .. } = route.pattern.tail()?;
    let segments = route.pattern.segments();
    let (above, rest) = path.segments().split_at_checked(segments.len())?;
    let taken = above
        .iter()
        .zip(segments)
        .all(|(found, segment)| match segment {
            Segment::Literal(text) => **text == **found,
            Segment::Parameter { kind, .. } => kind.accepts(found),
        });
    if !taken || rest.is_empty() {
        return None;
    }
    let rest = format!("/{}", joined(rest));
    let captures = regex.captures(&rest)?;
    let groups = names.iter().filter_map(|name| {
        let text = captures.name(name)?.as_str();
        Some((Arc::clone(name), Box::from(text)))
    });
    Some(Match {
        route,
        params: params_of(segments, path).chain(groups).collect(),
    })
}

#[cfg(test)]
mod tests;
