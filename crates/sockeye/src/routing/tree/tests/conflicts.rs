//! Which routes cannot be together, and what their names lead to.

use std::panic::Location;

use super::{add_regex, tree};
use crate::routing::pattern::{Pattern, UrlError};
use crate::routing::tree::{Conflict, NestError, Tree};

#[test]
fn two_routes_for_the_same_paths_are_refused_with_both_places() {
    let rows = [
        ("/a/{x:int}/b", "/a/{y:int}/b"),
        ("/a/{x}", "/a/{y:str}"),
        ("/{x:path}", "/{y:any}"),
        ("/a/b", "/a/b"),
        ("/", "/"),
    ];
    for (old, new) in rows {
        let mut tree = Tree::new();
        let old_place = Location::caller();
        tree.insert(Pattern::parse(old).unwrap(), None, old_place, ())
            .unwrap();
        let new_place = Location::caller();
        let conflict = tree
            .insert(Pattern::parse(new).unwrap(), None, new_place, ())
            .unwrap_err();
        assert!(matches!(conflict, Conflict::SamePaths { .. }));
        let text = conflict.to_string();
        let file = file!();
        assert_ne!(old_place.line(), new_place.line());
        assert!(
            text.contains(&format!("`{old}` ({file}:{})", old_place.line())),
            "{text}"
        );
        assert!(
            text.contains(&format!("`{new}` ({file}:{})", new_place.line())),
            "{text}"
        );
        assert_eq!(tree.routes().len(), 1);
    }
}

#[test]
fn routes_that_differ_in_a_kind_or_a_slash_are_no_conflict() {
    let mut tree = tree(&[
        "/a/{x}",
        "/a/{x:int}",
        "/a/{x}/",
        "/a/{x:path}",
        "/a/x",
        "/A/x",
    ]);
    add_regex(&mut tree, "/a/x");
    assert_eq!(tree.routes().len(), 7);
}

#[test]
fn the_same_regular_expression_is_a_conflict_only_below_the_same_prefix() {
    let regex = |tree: &mut Tree<()>| {
        tree.insert(Pattern::regex("/x+").unwrap(), None, Location::caller(), ())
    };
    let mut nested = Tree::new();
    regex(&mut nested).unwrap();
    let mut tree = Tree::new();
    regex(&mut tree).unwrap();
    assert!(regex(&mut tree).is_err());
    assert_eq!(
        tree.nest(&Pattern::parse("/a").unwrap(), None, nested),
        Ok(())
    );
    assert!(tree.find("/a/xx").is_some() && tree.find("/xx").is_some());
}

#[test]
fn a_name_leads_back_to_a_url() {
    let mut rooms = Tree::new();
    let pattern = Pattern::parse("/{room:slug}").unwrap();
    rooms
        .insert(pattern, Some("room"), Location::caller(), ())
        .unwrap();
    let mut tree = Tree::new();
    tree.nest(&Pattern::parse("/chat").unwrap(), Some("chat"), rooms)
        .unwrap();
    let mut outer = Tree::new();
    outer
        .nest(&Pattern::parse("/{lang:str}").unwrap(), Some("v1"), tree)
        .unwrap();
    let url = outer.url("v1:chat:room", &[("room", "lobby"), ("lang", "en")]);
    assert_eq!(url.as_deref(), Ok("/en/chat/lobby"));
    let missing = outer.url("room", &[]);
    assert_eq!(
        missing,
        Err(UrlError::UnknownName {
            name: "room".to_owned()
        })
    );
    assert_eq!(
        outer.find("/en/chat/lobby").unwrap().route.name(),
        Some("v1:chat:room")
    );
}

#[test]
fn a_name_is_given_once() {
    let mut tree = Tree::new();
    let named = |text: &str| Pattern::parse(text).unwrap();
    tree.insert(named("/a"), Some("home"), Location::caller(), ())
        .unwrap();
    let conflict = tree
        .insert(named("/b"), Some("home"), Location::caller(), ())
        .unwrap_err();
    assert!(matches!(&conflict, Conflict::SameName { name, .. } if name == "home"));
    let text = conflict.to_string();
    assert!(text.contains("`/a` (") && text.contains("`/b` ("), "{text}");
    assert!(tree.find("/b").is_none(), "a refused route is not found");

    let mut nested = Tree::new();
    nested
        .insert(named("/c"), Some("home"), Location::caller(), ())
        .unwrap();
    let refused = tree.nest(&named("/x"), None, nested);
    assert!(matches!(
        refused,
        Err(NestError::Conflict(Conflict::SameName { .. }))
    ));
}

#[test]
fn a_prefix_and_a_route_share_no_parameter() {
    let mut tree = Tree::new();
    let nested = super::tree(&["/{id:int}"]);
    let refused = tree.nest(&Pattern::parse("/{id}").unwrap(), None, nested);
    assert!(matches!(refused, Err(NestError::Pattern(_))));
}

#[test]
fn values_can_be_changed_and_the_routes_stay() {
    let tree = tree(&["/a", "/b/{x}"]).map(str::len);
    assert_eq!(*tree.find("/b/1").unwrap().route.value(), 6);
    let patterns: Vec<_> = tree
        .routes()
        .map(|route| route.pattern().as_str())
        .collect();
    assert_eq!(patterns, ["/a", "/b/{x}"]);
    assert_eq!(tree.routes().next().unwrap().place().file(), file!());
}
