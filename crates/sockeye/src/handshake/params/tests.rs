//! What path parameters can be read into, and what is said when they cannot.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::{ParamError, Params, SHOWN_MAX};

fn params(pairs: &[(&str, &str)]) -> Params {
    pairs
        .iter()
        .map(|(name, text)| (Arc::from(*name), Box::from(*text)))
        .collect()
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Side {
    Left,
    Right,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Door {
    house: u32,
    side: Side,
    name: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct HouseNumber(u32);

#[derive(Debug, Deserialize, PartialEq)]
struct Nowhere;

#[test]
fn a_text_is_found_and_read_by_its_name() {
    let params = params(&[("house", "12"), ("name", "Zoë")]);
    assert_eq!(params.text("name"), Ok("Zoë"));
    assert_eq!(params.get::<u8>("house"), Ok(12));
    assert_eq!(params.get::<String>("house"), Ok("12".to_owned()));
    assert_eq!(
        params.iter().collect::<Vec<_>>(),
        [("house", "12"), ("name", "Zoë")]
    );
}

#[test]
fn an_unknown_name_lists_the_known_ones() {
    let error = params(&[("house", "12"), ("name", "x")])
        .text("hose")
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no path parameter is called `hose`: this route has `house`, `name`"
    );
    let error = params(&[]).get::<u8>("house").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no path parameter is called `house`: this route has none"
    );
}

#[test]
fn a_text_that_does_not_fit_names_the_parameter_the_text_and_the_reason() {
    let error = params(&[("house", "300")]).get::<u8>("house").unwrap_err();
    assert_eq!(
        error.to_string(),
        "path parameter `house` cannot be \"300\": number too large to fit in target type"
    );
    assert_eq!(params(&[("house", "300")]).parse::<u8>(), Err(error));
}

#[test]
fn an_error_repeats_only_the_beginning_of_a_text_and_escapes_it() {
    let long = "\u{1b}é".repeat(1_000);
    let error = params(&[("house", &long)]).get::<u8>("house").unwrap_err();
    let ParamError::Invalid { text, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(text.chars().count(), SHOWN_MAX);
    assert!(!error.to_string().contains('\u{1b}'));
}

#[test]
fn a_struct_takes_them_by_name() {
    let door = Door {
        house: 7,
        side: Side::Left,
        name: Some("x".to_owned()),
    };
    assert_eq!(
        params(&[("side", "left"), ("house", "7"), ("name", "x")]).parse(),
        Ok(door)
    );
    let nameless = Door {
        house: 7,
        side: Side::Right,
        name: None,
    };
    assert_eq!(
        params(&[("side", "right"), ("house", "7"), ("more", "")]).parse(),
        Ok(nameless)
    );
}

#[test]
fn a_map_takes_all_of_them() {
    let wanted = BTreeMap::from([("a".to_owned(), 1_i64), ("b".to_owned(), -2)]);
    assert_eq!(params(&[("b", "-2"), ("a", "1")]).parse(), Ok(wanted));
}

#[test]
fn a_tuple_and_a_list_take_them_by_position() {
    let two = params(&[("a", "1"), ("b", "x")]);
    assert_eq!(two.parse(), Ok((1_u8, "x".to_owned())));
    assert_eq!(two.parse(), Ok(vec!["1".to_owned(), "x".to_owned()]));
}

#[test]
fn a_single_value_takes_the_only_one() {
    let one = params(&[("a", "7")]);
    assert_eq!(one.parse(), Ok(7_u64));
    assert_eq!(one.parse(), Ok("7".to_owned()));
    assert_eq!(one.parse(), Ok('7'));
    assert_eq!(one.parse(), Ok(7.0_f32));
    assert_eq!(one.parse(), Ok(HouseNumber(7)));
    assert_eq!(one.parse(), Ok(Some(7_i8)));
    assert_eq!(one.parse(), Ok((7_u8,)));
    assert_eq!(params(&[("a", "true")]).parse(), Ok(true));
    assert_eq!(params(&[("a", "right")]).parse(), Ok(Side::Right));
    let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    assert_eq!(params(&[("a", id)]).parse(), Ok(Identifier(id.to_owned())));
}

/// Reads itself from text with an error of its own, as `Uuid` and date types do.
#[derive(Debug, PartialEq)]
struct Identifier(String);

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.len() {
            36 => Ok(Self(text)),
            length => Err(serde::de::Error::custom(format_args!(
                "{length} characters, not 36"
            ))),
        }
    }
}

#[test]
fn nothing_takes_nothing() {
    assert_eq!(params(&[]).parse(), Ok(()));
    assert_eq!(params(&[]).parse(), Ok(Nowhere));
}

#[test]
fn an_error_of_the_type_itself_names_the_parameter() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only read from a path")]
    struct Thing {
        id: Identifier,
    }
    let wanted = "path parameter `id` cannot be \"x\": 1 characters, not 36";
    let one = params(&[("id", "x")]);
    assert_eq!(one.parse::<Thing>().unwrap_err().to_string(), wanted);
    assert_eq!(one.parse::<Identifier>().unwrap_err().to_string(), wanted);
    assert_eq!(
        one.parse::<(Identifier,)>().unwrap_err().to_string(),
        wanted
    );
    let side = params(&[("side", "up")]).parse::<Side>().unwrap_err();
    assert!(
        side.to_string().contains("expected `left` or `right`"),
        "{side}"
    );
    assert!(matches!(side, ParamError::Invalid { .. }));
}

#[test]
fn a_type_that_the_route_cannot_fill_is_told_what_the_route_has() {
    let two = params(&[("a", "1"), ("b", "2")]);
    let rows = [
        (
            two.parse::<u8>().err(),
            "the type takes one value, the route has 2 (`a`, `b`)",
        ),
        (
            two.parse::<(u8,)>().err(),
            "the type takes 1 values, the route has 2 (`a`, `b`)",
        ),
        (
            two.parse::<(u8, u8, u8)>().err(),
            "the type takes 3 values, the route has 2 (`a`, `b`)",
        ),
        (
            params(&[]).parse::<u8>().err(),
            "the type takes one value, the route has 0 (none)",
        ),
    ];
    for (error, reason) in rows {
        assert_eq!(
            error,
            Some(ParamError::Shape {
                reason: reason.to_owned()
            })
        );
    }
    let missing = two.parse::<Door>().unwrap_err();
    assert!(
        missing.to_string().contains("asks for `house`"),
        "{missing}"
    );
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only read from a path")]
    struct Strict {
        a: u8,
    }
    let unknown = two.parse::<Strict>().unwrap_err();
    assert!(
        unknown.to_string().contains("the route has `b`"),
        "{unknown}"
    );
    let nested = params(&[("a", "1")])
        .parse::<BTreeMap<String, Vec<u8>>>()
        .unwrap_err();
    assert!(nested.to_string().contains("`a`"), "{nested}");
}

#[test]
fn a_type_may_refuse_the_parameters_together() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "(u32, u32)")]
    struct Range;

    impl TryFrom<(u32, u32)> for Range {
        type Error = &'static str;

        fn try_from((from, to): (u32, u32)) -> Result<Self, Self::Error> {
            if from <= to {
                Ok(Self)
            } else {
                Err("the end is before the start")
            }
        }
    }

    assert!(
        params(&[("from", "1"), ("to", "2")])
            .parse::<Range>()
            .is_ok()
    );
    let error = params(&[("from", "2"), ("to", "1")])
        .parse::<Range>()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the path parameters cannot be read: the end is before the start"
    );
}
