//! Which route a path leads to, and which routes cannot be together.

mod conflicts;
mod lookup;
mod properties;

use std::panic::Location;

use crate::routing::pattern::Pattern;
use crate::routing::tree::Tree;

#[track_caller]
fn add(tree: &mut Tree<&'static str>, text: &'static str) {
    tree.insert(
        Pattern::parse(text).unwrap(),
        None,
        Location::caller(),
        text,
    )
    .unwrap();
}

#[track_caller]
fn tree(patterns: &[&'static str]) -> Tree<&'static str> {
    let mut tree = Tree::new();
    for text in patterns {
        add(&mut tree, text);
    }
    tree
}

fn add_regex(tree: &mut Tree<&'static str>, source: &'static str) {
    let pattern = Pattern::regex(source).unwrap();
    tree.insert(pattern, None, Location::caller(), source)
        .unwrap();
}

/// The route that takes a path, and its parameters as `name=text name=text`.
fn found(tree: &Tree<&'static str>, path: &str) -> Option<(&'static str, String)> {
    let found = tree.find(path)?;
    let params: Vec<_> = found
        .params
        .iter()
        .map(|(name, text)| format!("{name}={text}"))
        .collect();
    Some((found.route.value(), params.join(" ")))
}
