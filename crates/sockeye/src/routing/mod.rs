//! Routes: which handler a path leads to, and what its parameters are.

mod bound;
mod catalog;
mod into_pattern;
mod layers;
mod parts;
mod pattern;
mod router;
mod segment;
mod tree;

pub(crate) use crate::routing::bound::Bound;
pub use crate::routing::catalog::Catalog;
pub use crate::routing::into_pattern::IntoPattern;
pub(crate) use crate::routing::layers::RouteService;
pub use crate::routing::pattern::{Pattern, PatternError, UrlError};
pub use crate::routing::router::{RouteBox, Router, Unmatched};
pub use crate::routing::segment::SegmentKind;
pub use crate::routing::tree::{Conflict, Match, NestError, Route, RouteMention, Tree};

/// The longest path that is looked up, in bytes as sent: browsers and proxies stop at a half of it,
/// and the time to match grows with it.
const PATH_BYTES_MAX: usize = 4_096;

/// The most segments of a path that is looked up: no site is nested that deeply, and a tree of
/// routes is as deep.
const SEGMENTS_MAX: usize = 64;
