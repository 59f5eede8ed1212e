//! Which route a path leads to.

use super::{add, add_regex, found, tree};
use crate::routing::pattern::Pattern;
use crate::routing::tree::Tree;

#[test]
fn parameters_are_decoded_segment_by_segment() {
    let tree = tree(&[
        "/",
        "/a/",
        "/a/{x}",
        "/a/{x}/b",
        "/caf\u{e9}/{{x}}",
        "/f/{rest:path}",
    ]);
    let rows = [
        ("/", Some(("/", ""))),
        ("/a/", Some(("/a/", ""))),
        ("/a/lobby", Some(("/a/{x}", "x=lobby"))),
        ("/a/%6cobby", Some(("/a/{x}", "x=lobby"))),
        ("/a/a%20b+c", Some(("/a/{x}", "x=a b+c"))),
        ("/a/a%2Fb", Some(("/a/{x}", "x=a/b"))),
        ("/a/a%2fb/b", Some(("/a/{x}/b", "x=a/b"))),
        ("/a/100%", Some(("/a/{x}", "x=100%"))),
        ("/a/%zz", Some(("/a/{x}", "x=%zz"))),
        ("/a/%2541", Some(("/a/{x}", "x=%41"))),
        ("/a/Zo%C3%AB", Some(("/a/{x}", "x=Zoë"))),
        ("/%61/x", Some(("/a/{x}", "x=x"))),
        ("/caf%C3%A9/%7Bx}", Some(("/caf\u{e9}/{{x}}", ""))),
        ("/f/a/b%20c//d/", Some(("/f/{rest:path}", "rest=a/b c//d/"))),
        ("/f//", Some(("/f/{rest:path}", "rest=/"))),
        ("", None),
        ("a", None),
        ("*", None),
        ("/a", None),
        ("//", None),
        ("/a//b", None),
        ("/a/x/", None),
        ("/a/x/b/", None),
        ("/A/x", None),
        ("/f", None),
        ("/f/", None),
        ("/a/%ff", None),
        ("/a/%C3", None),
        ("/f/x/%ff", None),
        ("/a/..", None),
        ("/a/%2e%2E", None),
        ("/a/.", None),
        ("/f/../etc", None),
        ("/f/x/%2e%2e/etc", None),
    ];
    for (path, wanted) in rows {
        let found = found(&tree, path);
        let found = found
            .as_ref()
            .map(|(route, params)| (*route, params.as_str()));
        assert_eq!(found, wanted, "{path}");
    }
}

#[test]
fn a_way_that_leads_nowhere_is_left_for_the_next() {
    let tree = tree(&[
        "/a/b/c",
        "/a/{x:int}/d",
        "/a/{y:slug}/e",
        "/{z}/b/f",
        "/a/{rest:path}",
        "/{rest:path}",
    ]);
    let rows = [
        ("/a/b/c", "/a/b/c", ""),
        ("/a/1/d", "/a/{x:int}/d", "x=1"),
        ("/a/1/e", "/a/{y:slug}/e", "y=1"),
        ("/a/b/e", "/a/{y:slug}/e", "y=b"),
        // The fixed text comes first and its widest way takes the path.
        ("/a/b/f", "/a/{rest:path}", "rest=b/f"),
        ("/q/b/f", "/{z}/b/f", "z=q"),
        ("/q/b/g", "/{rest:path}", "rest=q/b/g"),
        ("/a/", "/{rest:path}", "rest=a/"),
    ];
    for (path, route, params) in rows {
        assert_eq!(
            found(&tree, path),
            Some((route, params.to_owned())),
            "{path}"
        );
    }
}

#[test]
fn what_is_too_long_or_too_deep_leads_nowhere() {
    let tree = tree(&["/{rest:path}"]);
    assert!(tree.find(&format!("/{}", "a".repeat(4_095))).is_some());
    assert!(tree.find(&format!("/{}", "a".repeat(4_096))).is_none());
    assert!(tree.find(&"/a".repeat(64)).is_some());
    assert!(tree.find(&"/a".repeat(65)).is_none());
}

#[test]
fn regular_expressions_come_last_in_their_order_and_match_the_whole_path() {
    let mut tree = Tree::new();
    add_regex(&mut tree, r"^/archive/(?P<year>\d{4})$");
    add_regex(&mut tree, r"/archive/(?P<any>[^/]*)(?P<more>/more)?");
    add_regex(&mut tree, r"/archive/20|/other");
    add(&mut tree, "/archive/2025");
    let rows = [
        ("/archive/2025", Some(("/archive/2025", ""))),
        (
            "/archive/2024",
            Some((r"^/archive/(?P<year>\d{4})$", "year=2024")),
        ),
        (
            "/archive/%32024",
            Some((r"^/archive/(?P<year>\d{4})$", "year=2024")),
        ),
        (
            "/archive/x",
            Some((r"/archive/(?P<any>[^/]*)(?P<more>/more)?", "any=x")),
        ),
        (
            "/archive/x/more",
            Some((
                r"/archive/(?P<any>[^/]*)(?P<more>/more)?",
                "any=x more=/more",
            )),
        ),
        ("/other", Some((r"/archive/20|/other", ""))),
        ("/other/", None),
        ("/before/archive/2024", None),
        ("/archive/2024/after", None),
        (
            "/archive/2024%0A",
            Some((r"/archive/(?P<any>[^/]*)(?P<more>/more)?", "any=2024\n")),
        ),
        ("/archive/a%2Fb", None),
        ("/archive%2F2024", None),
        ("/archive/%ff", None),
    ];
    for (path, wanted) in rows {
        let found = found(&tree, path);
        let found = found
            .as_ref()
            .map(|(route, params)| (*route, params.as_str()));
        assert_eq!(found, wanted, "{path}");
    }
}

#[test]
fn nested_routes_are_found_below_their_prefix() {
    let mut rooms = tree(&["/", "/{id:int}", "/{rest:path}"]);
    add_regex(&mut rooms, "^/(?P<a>[a-z]+)-(?P<b>[a-z]+)/$");
    let mut teams = tree(&["/"]);
    teams
        .nest(&Pattern::parse("/rooms").unwrap(), None, rooms)
        .unwrap();
    let mut all = tree(&["/teams/{team:int}/rooms/best"]);
    all.nest(&Pattern::parse("/teams/{team:slug}").unwrap(), None, teams)
        .unwrap();
    let rows = [
        ("/teams/red", Some(("/", "team=red"))),
        ("/teams/red/", None),
        ("/teams/red/rooms", Some(("/", "team=red"))),
        ("/teams/red/rooms/7", Some(("/{id:int}", "team=red id=7"))),
        (
            "/teams/7/rooms/best",
            Some(("/teams/{team:int}/rooms/best", "team=7")),
        ),
        (
            "/teams/red/rooms/best",
            Some(("/{rest:path}", "team=red rest=best")),
        ),
        ("/teams/r.d/rooms/7", None),
        ("/7", None),
    ];
    for (path, wanted) in rows {
        let found = found(&all, path);
        let found = found
            .as_ref()
            .map(|(route, params)| (*route, params.as_str()));
        assert_eq!(found, wanted, "{path}");
    }
}

#[test]
fn a_nested_regular_expression_sees_what_is_below_its_prefix() {
    let mut rooms = Tree::new();
    add_regex(&mut rooms, "^/(?P<a>[a-z]+)-(?P<b>[a-z]+)$");
    let mut all = Tree::new();
    all.nest(&Pattern::parse("/{team:slug}/rooms/").unwrap(), None, rooms)
        .unwrap();
    let wanted = (
        "^/(?P<a>[a-z]+)-(?P<b>[a-z]+)$",
        "team=red a=x b=y".to_owned(),
    );
    assert_eq!(found(&all, "/red/rooms/x-y"), Some(wanted));
    for path in [
        "/x-y",
        "/red/x-y",
        "/red/rooms",
        "/red/rooms/",
        "/r.d/rooms/x-y",
        "/red/room/x-y",
    ] {
        assert_eq!(found(&all, path), None, "{path}");
    }
}

#[test]
fn a_nested_regular_expression_begins_with_the_slash_after_its_prefix() {
    let mut files = Tree::new();
    add_regex(&mut files, "/(?P<file>.*)");
    let mut all = Tree::new();
    all.nest(&Pattern::parse("/files").unwrap(), None, files)
        .unwrap();
    assert_eq!(
        found(&all, "/files/").map(|(_, params)| params).as_deref(),
        Some("file=")
    );
    assert_eq!(
        found(&all, "/files/a/b")
            .map(|(_, params)| params)
            .as_deref(),
        Some("file=a/b")
    );
    assert_eq!(found(&all, "/files"), None);
}
