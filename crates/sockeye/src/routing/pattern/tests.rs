//! Patterns that can be read, the errors of those that cannot, and the way back to a path.

use super::{Pattern, UrlError};

fn error(text: &str) -> String {
    match Pattern::parse(text) {
        Ok(pattern) => panic!("{pattern} can be read"),
        Err(error) => {
            assert_eq!(error.pattern(), text);
            error.to_string()
        }
    }
}

#[test]
fn a_pattern_lists_its_parameters_in_order() {
    let rows = [
        ("/", ""),
        ("/chat", ""),
        ("/chat/", ""),
        ("/chat/{room}", "room:str"),
        ("/{a:int}/x/{_b2:uuid}/", "a:int _b2:uuid"),
        (
            "/{a:slug}/{b:decimal}/{c:date}/{d:str}",
            "a:slug b:decimal c:date d:str",
        ),
        ("/files/{rest:any}", "rest:path"),
        ("/files/{rest:path}", "rest:path"),
        ("/{{literal}}/100%/café", ""),
    ];
    for (text, wanted) in rows {
        let pattern = Pattern::parse(text).unwrap();
        let found: Vec<_> = pattern
            .parameters()
            .map(|(name, kind)| format!("{name}:{kind}"))
            .collect();
        assert_eq!(found.join(" "), wanted, "{text}");
        assert_eq!(pattern.as_str(), text);
    }
}

#[test]
fn an_error_shows_the_pattern_the_column_and_the_way_out() {
    assert_eq!(
        error("/chat/{room:slgu}"),
        "cannot read the route pattern `/chat/{room:slgu}` at column 13: \
         `slgu` is no kind of parameter; \
         the kinds are str, int, slug, uuid, decimal, date, path, any"
    );
    let rows = [
        ("", 1, "the root is written `/`"),
        ("chat", 1, "must begin with a slash"),
        ("/a//b", 4, "segment is empty"),
        ("//", 2, "segment is empty"),
        ("/a/../b", 4, "without them"),
        ("/.", 2, "without them"),
        ("/a?x={y}", 3, "`?` is not part of a path"),
        ("/a#b", 3, "`#` is not part of a path"),
        ("/é/a%20b", 5, "replace `%20`"),
        ("/a/{room", 4, "not closed"),
        ("/a/{ro/om}", 4, "not closed"),
        ("/a/b{", 5, "not closed"),
        ("/a/room}", 8, "closes nothing"),
        ("/a/{room}.json", 10, "fills a whole segment"),
        ("/a/room-{id}", 9, "fills a whole segment"),
        ("/a/{{{id}}}", 6, "fills a whole segment"),
        ("/a/{}", 5, "`` is no parameter name"),
        ("/a/{:int}", 5, "`` is no parameter name"),
        ("/a/{1st}", 5, "`1st` is no parameter name"),
        ("/a/{na me}", 5, "`na me` is no parameter name"),
        ("/a/{*rest}", 5, "`*rest` is no parameter name"),
        ("/a/{x:}", 7, "`` is no kind"),
        ("/a/{x:Int}", 7, "`Int` is no kind"),
        ("/{x}/b/{x:int}", 9, "another parameter `x`"),
        ("/{x:path}/b", 2, "must come last"),
        ("/{x:any}/", 2, "must come last"),
    ];
    for (text, column, advice) in rows {
        let error = error(text);
        assert!(
            error.contains(&format!("at column {column}:")),
            "{text}: {error}"
        );
        assert!(error.contains(advice), "{text}: {error}");
    }
}

#[test]
fn a_pattern_is_no_longer_than_the_paths_that_are_looked_up() {
    assert!(Pattern::parse(&"/a".repeat(64)).is_ok());
    assert!(error(&"/a".repeat(65)).contains("64 segments"));
    assert!(Pattern::parse(&format!("/{}", "a".repeat(4_095))).is_ok());
    assert!(error(&format!("/{}", "a".repeat(4_096))).contains("4096 bytes"));
    assert!(Pattern::regex(&"a".repeat(4_097)).is_err());
}

#[test]
fn a_regular_expression_has_its_groups_as_parameters() {
    let pattern = Pattern::regex(r"^/archive/(?P<year>\d{4})/(\d+)/(?<slug>[a-z]+)$").unwrap();
    let names: Vec<_> = pattern.parameters().map(|(name, _)| name).collect();
    assert_eq!(names, ["year", "slug"]);
    for source in ["", "/a(", "/a)|(/b", r"/(?P<x>a)(?P<x>b)"] {
        assert!(Pattern::regex(source).is_err(), "{source}");
    }
    let unclosed = Pattern::regex("/a(").unwrap_err().to_string();
    assert!(
        unclosed.contains("`/a(`") && unclosed.contains("unclosed group"),
        "{unclosed}"
    );
}

#[test]
fn a_pattern_below_a_prefix_is_one_path() {
    let rows = [
        ("/live", "/users", "/live/users"),
        ("/live/", "/users", "/live/users"),
        ("/live", "/", "/live"),
        ("/live/", "/", "/live/"),
        ("/", "/", "/"),
        ("/", "/users/", "/users/"),
        ("/{team:slug}", "/{id:int}", "/{team:slug}/{id:int}"),
    ];
    for (prefix, pattern, wanted) in rows {
        let pattern = Pattern::parse(pattern).unwrap();
        let below = pattern.below(&Pattern::parse(prefix).unwrap()).unwrap();
        assert_eq!(below.as_str(), wanted);
    }
}

#[test]
fn a_regular_expression_goes_below_any_number_of_prefixes() {
    let prefix = |text| Pattern::parse(text).unwrap();
    let pattern = Pattern::regex("^/(?P<id>[0-9]+)$").unwrap();
    let below = pattern
        .below(&prefix("/b/{two}/"))
        .unwrap()
        .below(&prefix("/a/{one:int}"))
        .unwrap();
    assert_eq!(below.as_str(), "/a/{one:int}/b/{two}^/(?P<id>[0-9]+)$");
    let names: Vec<_> = below.parameters().map(|(name, _)| name).collect();
    assert_eq!(names, ["one", "two", "id"]);
    assert_eq!(
        pattern.below(&prefix("/")).unwrap().as_str(),
        pattern.as_str()
    );
}

#[test]
fn prefixes_that_do_not_fit_are_refused() {
    let parse = |text| Pattern::parse(text).unwrap();
    let regex = Pattern::regex("/(?P<id>.+)").unwrap();
    let rows = [
        (
            parse("/{id:int}").below(&parse("/{id}")),
            "another parameter `id`",
        ),
        (regex.below(&parse("/{id}")), "another parameter `id`"),
        (parse("/x").below(&parse("/{rest:path}")), "must come last"),
        (regex.below(&parse("/{rest:path}")), "must come last"),
        (parse("/x").below(&regex), "below a regular expression"),
    ];
    for (below, wanted) in rows {
        let error = below.unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_url_is_made_from_a_text_for_each_parameter() {
    let rows = [
        ("/", vec![], "/"),
        ("/chat/", vec![], "/chat/"),
        ("/chat/{room:slug}", vec![("room", "lobby")], "/chat/lobby"),
        (
            "/{a}/{b}",
            vec![("b", "x y"), ("a", "Zoë/100%?#")],
            "/Zo%C3%AB%2F100%25%3F%23/x%20y",
        ),
        (
            "/f/{rest:path}",
            vec![("rest", "a/b c//d")],
            "/f/a/b%20c//d",
        ),
        ("/{{café}}/é", vec![], "/%7Bcaf%C3%A9%7D/%C3%A9"),
    ];
    for (pattern, params, wanted) in rows {
        assert_eq!(
            Pattern::parse(pattern).unwrap().url(&params).as_deref(),
            Ok(wanted)
        );
    }
}

#[test]
fn a_url_that_would_not_be_found_is_not_made() {
    let room = Pattern::parse("/chat/{room:slug}").unwrap();
    assert!(matches!(room.url(&[]), Err(UrlError::Missing { name, .. }) if name == "room"));
    let twice = [("room", "a"), ("rom", "b")];
    assert!(matches!(room.url(&twice), Err(UrlError::Unknown { name, .. }) if name == "rom"));
    for text in ["", "a b", "a/b", ".."] {
        let found = room.url(&[("room", text)]);
        assert!(
            matches!(found, Err(UrlError::Mismatch { .. })),
            "{text}: {found:?}"
        );
    }
    let file = Pattern::parse("/f/{path:path}").unwrap();
    assert!(matches!(
        file.url(&[("path", "../x")]),
        Err(UrlError::Mismatch { .. })
    ));
    let regex = Pattern::regex("/a").unwrap();
    assert!(matches!(regex.url(&[]), Err(UrlError::Regex { .. })));
}
