//! A place in the tree of routes: what may follow after some segments of a path.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::routing::segment::{Segment, SegmentKind};

/// A place in the tree of routes; a route is known by its index.
///
/// Cost: the number of segments so far is the depth of the place and only one way leads there, so a
/// lookup enters each place at most once: its time is bounded by the routes there are, whatever the
/// path.
#[derive(Debug, Default)]
pub(super) struct Node {
    literals: HashMap<Box<str>, Self>,
    /// From the narrowest kind to the widest.
    parameters: BTreeMap<SegmentKind, Self>,
    /// The route that takes the rest of the path from here.
    rest: Option<usize>,
    /// The route that ends here.
    route: Option<usize>,
}

impl Node {
    /// Returns the place of a route with these segments, making the way there.
    pub(super) fn slot(&mut self, segments: &[Segment]) -> &mut Option<usize> {
        let mut node = self;
        for segment in segments {
            node = match segment {
                Segment::Literal(text) => node.literals.entry(text.clone()).or_default(),
                Segment::Parameter {
                    kind: SegmentKind::Path,
                    ..
                } => return &mut node.rest,
                Segment::Parameter { kind, .. } => node.parameters.entry(*kind).or_default(),
            };
        }
        &mut node.route
    }

    /// Returns the route for the segments of a path: fixed texts before parameters, narrow kinds
    /// before wide ones, from the first segment on; where that leads nowhere, the next best.
    pub(super) fn find(&self, path: &[Cow<'_, str>]) -> Option<usize> {
        let Some((first, rest)) = path.split_first() else {
            return self.route;
        };
        let literal = self.literals.get(&**first).and_then(|node| node.find(rest));
        let parameter = || {
            let taking = self
                .parameters
                .iter()
                .filter(|(kind, _)| kind.accepts(first));
            taking.filter_map(|(_, node)| node.find(rest)).next()
        };
        let remaining = || self.rest.filter(|_| !first.is_empty() || !rest.is_empty());
        literal.or_else(parameter).or_else(remaining)
    }
}
