//! What holds for any routes and any path.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{add_regex, tree};
use crate::routing::pattern::Pattern;

/// From each of these texts, the kinds that take it follow in order of preference.
const KINDS: [&str; 8] = [
    "/x/fixed",
    "/x/{uuid:uuid}",
    "/x/{date:date}",
    "/x/{int:int}",
    "/x/{decimal:decimal}",
    "/x/{slug:slug}",
    "/x/{str}",
    "/x/{rest:path}",
];

const SEGMENTS: [(&str, &[usize]); 9] = [
    ("fixed", &[0, 5, 6, 7]),
    ("67E55044-10b1-426f-9247-bb680e5fe0c8", &[1, 5, 6, 7]),
    ("2025-01-31", &[2, 5, 6, 7]),
    ("2025-02-31", &[5, 6, 7]),
    ("7", &[3, 4, 5, 6, 7]),
    ("7.5", &[4, 6, 7]),
    ("Room_1", &[5, 6, 7]),
    ("a%2Fb", &[6, 7]),
    ("a/b", &[7]),
];

proptest! {
    #[test]
    fn the_narrowest_route_wins_whatever_the_order(
        routes in subsequence((0..KINDS.len()).collect::<Vec<_>>(), 0..=KINDS.len()).prop_shuffle(),
        (segment, takers) in select(SEGMENTS.to_vec()),
    ) {
        let patterns: Vec<_> = routes.iter().map(|index| KINDS[*index]).collect();
        let wanted = takers.iter().find(|index| routes.contains(index)).map(|index| KINDS[*index]);
        let tree = tree(&patterns);
        let path = format!("/x/{segment}");
        prop_assert_eq!(tree.find(&path).map(|found| *found.route.value()), wanted);
    }
}

proptest! {
    #[test]
    fn a_url_leads_back_to_its_route_and_parameters(
        (one, two) in ("[^.]{1,20}|\\PC{3,9}", "[^.]{1,20}"),
        number in any::<u64>(),
    ) {
        let tree = tree(&["/a/{one}/{number:int}/b/{rest:path}"]);
        let number = number.to_string();
        let params = [("one", one.as_str()), ("number", &number), ("rest", &two)];
        let found = tree.routes().next().unwrap().pattern().url(&params);
        prop_assume!(found.is_ok());
        let found = tree.find(&found.unwrap()).map(|found| found.params);
        let found = found.iter().flat_map(|params| params.iter()).collect::<Vec<_>>();
        prop_assert_eq!(found, params.to_vec());
    }

    #[test]
    fn any_text_is_a_path_or_none_and_never_a_panic(
        path in "\\PC{0,40}|(/|%|2|e|f|[.]|a|\u{e9}){0,40}",
    ) {
        let mut tree = tree(&["/a", "/a/{x:int}/{y:uuid}", "/{d:date}", "/{x}", "/{rest:path}"]);
        add_regex(&mut tree, "/+(?P<x>a)?");
        if let Some(found) = tree.find(&path) {
            prop_assert!(path.starts_with('/'));
            prop_assert!(found.params.iter().all(|(_, text)| !text.is_empty()));
        }
    }

    #[test]
    fn any_text_is_a_pattern_or_an_error_that_shows_it(
        text in "\\PC{0,30}|(/|[{]|[}]|:|a|int|path|[.]|%2f){0,12}",
    ) {
        match Pattern::parse(&text) {
            Ok(pattern) => prop_assert_eq!(pattern.as_str(), text.as_str()),
            Err(error) => {
                prop_assert!(error.to_string().contains(&text));
                prop_assert!(error.column() <= text.chars().count() + 1);
            }
        }
    }
}
