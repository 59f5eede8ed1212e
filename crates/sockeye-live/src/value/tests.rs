//! Every kind, from JSON and text and back.

use std::cmp::Ordering;
use std::sync::Arc;

use sea_orm::ColumnType;
use sea_orm::sea_query::ArrayType;
use serde_json::{Value as Json, json};

use crate::table::{Float, Integer, Kind};

fn size(found: &ArrayType) -> Kind {
    let stored = ColumnType::Enum {
        name: "size".into(),
        variants: vec!["s".into(), "l".into()],
    };
    Kind::of(found, &stored).unwrap()
}

/// Reads, writes and reads again, in both forms.
fn goes_round(kind: &Kind, json: &Json, text: &str) {
    let value = kind.read_json(json).unwrap();
    assert_eq!(&kind.to_json(&value), json, "{kind:?}");
    assert_eq!(kind.to_text(&value).unwrap(), text, "{kind:?}");
    assert_eq!(kind.read_text(text).unwrap(), value, "{kind:?}");
    assert_eq!(kind.convert(&value).unwrap(), value, "{kind:?}");
    assert_eq!(kind.read_json(&Json::Null).unwrap(), kind.null());
    assert_eq!(kind.to_json(&kind.null()), Json::Null);
    assert_eq!(kind.to_text(&kind.null()), None);
    if *kind != Kind::Json {
        assert_eq!(
            kind.compare(&value, &value),
            Some(Ordering::Equal),
            "{kind:?}"
        );
    }
}

fn refuses(kind: &Kind, wrong: &[Json]) {
    for json in wrong {
        let why = kind.read_json(json).unwrap_err();
        assert!(why.contains("expected") || why.contains("NUL"), "{why}");
        if let Json::String(text) = json {
            kind.read_text(text).unwrap_err();
        }
    }
}

#[test]
fn every_kind_goes_round() {
    goes_round(&Kind::Bool, &json!(true), "true");
    for (integer, min) in [(Integer::I8, i8::MIN.into()), (Integer::I64, i64::MIN)] {
        goes_round(&Kind::Integer(integer), &json!(min), &min.to_string());
    }
    goes_round(
        &Kind::Integer(Integer::U64),
        &json!(i64::MAX),
        "9223372036854775807",
    );
    goes_round(&Kind::Float(Float::Single), &json!(0.1), "0.1");
    goes_round(&Kind::Float(Float::Double), &json!(-1.5), "-1.5");
    goes_round(
        &Kind::Text,
        &json!(" 'a\\\"%_\u{1F41F}"),
        " 'a\\\"%_\u{1F41F}",
    );
    goes_round(&size(&ArrayType::String), &json!("l"), "l");
    goes_round(
        &size(&ArrayType::Enum(Box::new(Arc::from("size")))),
        &json!("s"),
        "s",
    );
    goes_round(&Kind::Bytes, &json!("AP8="), "\\x00ff");
    goes_round(&Kind::Json, &json!({"a": [null]}), r#"{"a":[null]}"#);
}

#[test]
fn what_is_not_of_the_kind_is_refused() {
    refuses(&Kind::Bool, &[json!(1), json!("yes")]);
    refuses(
        &Kind::Integer(Integer::I8),
        &[json!(128), json!(1.0), json!("300"), json!([])],
    );
    refuses(&Kind::Integer(Integer::U64), &[json!(-1), json!(u64::MAX)]);
    refuses(
        &Kind::Float(Float::Single),
        &[json!(1e39), json!("x"), json!(true)],
    );
    refuses(&Kind::Text, &[json!("a\0"), json!(1), json!({})]);
    refuses(&size(&ArrayType::String), &[json!("S"), json!(0)]);
    refuses(&Kind::Bytes, &[json!("?"), json!("\\x0")]);
    refuses(&Kind::Json, &[json!({"a": ["\0"]}), json!({"\0": 1})]);
}

#[test]
fn numbers_of_no_size_have_names() {
    let kind = Kind::Float(Float::Double);
    for name in ["NaN", "Infinity", "-Infinity"] {
        let value = kind.read_text(name).unwrap();
        assert_eq!(kind.to_text(&value).unwrap(), name);
        assert_eq!(kind.to_json(&value), json!(name));
    }
    let number = |text| kind.read_text(text).unwrap();
    assert_eq!(
        kind.compare(&number("NaN"), &number("Infinity")),
        Some(Ordering::Greater)
    );
    assert_eq!(
        kind.compare(&number("-0"), &number("0")),
        Some(Ordering::Equal)
    );
}

#[cfg(feature = "uuid")]
#[test]
fn a_uuid_goes_round() {
    let text = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    goes_round(&Kind::Uuid, &json!(text), text);
    refuses(&Kind::Uuid, &[json!("67e5"), json!(7)]);
}

#[cfg(feature = "decimal")]
#[test]
fn a_decimal_goes_round() {
    goes_round(&Kind::Decimal, &json!("1.50"), "1.50");
    assert_eq!(
        Kind::Decimal.read_json(&json!(1.5)),
        Kind::Decimal.read_text("1.50")
    );
    assert_eq!(
        Kind::Decimal.read_json(&json!(1e3)),
        Kind::Decimal.read_text("1000")
    );
    refuses(
        &Kind::Decimal,
        &[json!("1,5"), json!(1e300), json!(""), json!("1e4000000000")],
    );
    refuses(
        &Kind::Decimal,
        &[
            json!("1e-4000000000"),
            json!("1e-4294967295"),
            json!("1e-99"),
        ],
    );
}

#[cfg(feature = "chrono")]
#[test]
fn dates_and_times_go_round() {
    use crate::table::Zone;

    let moment = Kind::Moment(Zone::Fixed);
    goes_round(&Kind::Date, &json!("2024-02-29"), "2024-02-29");
    goes_round(&Kind::Time, &json!("23:59:30.500"), "23:59:30.500");
    let both = "2024-02-29T23:59:30.000001";
    goes_round(&Kind::DateTime, &json!(both), both);
    let with_zone = "2024-02-29T23:59:30+05:30";
    goes_round(&moment, &json!(with_zone), with_zone);
    let utc = "2024-02-29T23:59:30Z";
    goes_round(&Kind::Moment(Zone::Utc), &json!(utc), utc);
    assert_eq!(
        Kind::Time.read_text("23:59"),
        Kind::Time.read_text("23:59:00")
    );

    refuses(
        &Kind::Date,
        &[
            json!("2023-02-29"),
            json!("0000-01-01"),
            json!("+10000-01-01"),
            json!(1),
        ],
    );
    refuses(
        &Kind::Time,
        &[json!("24:00:00"), json!("23:59:60"), json!("")],
    );
    refuses(&Kind::DateTime, &[json!(with_zone), json!("2024-02-29")]);
    refuses(
        &moment,
        &[
            json!(both),
            json!("9999-12-31T23:59:59-01:00"),
            json!("now"),
        ],
    );
}

#[cfg(feature = "chrono")]
#[test]
fn moments_are_compared_by_what_they_mean() {
    use crate::table::Zone;

    for zone in [Zone::Utc, Zone::Local, Zone::Fixed] {
        let kind = Kind::Moment(zone);
        let postgres = kind.read_text("2024-01-01T00:00:00.5+00:00").unwrap();
        let client = kind
            .read_json(&json!("2024-01-01T01:00:00.500000999+01:00"))
            .unwrap();
        assert_eq!(kind.compare(&postgres, &client), Some(Ordering::Equal));
        let written = kind.to_text(&client).unwrap();
        assert_eq!(kind.read_text(&written).unwrap(), client);
    }
}

/// All kinds, by a column of each.
#[cfg(all(
    feature = "chrono",
    feature = "decimal",
    feature = "uuid",
    feature = "postgres",
    feature = "sqlite"
))]
#[test]
fn what_was_read_is_read_again_and_no_text_is_a_panic() {
    use proptest::prelude::*;

    let table = crate::table::Table::of::<crate::filter::proof::thing::Entity>().unwrap();
    let numbers = "[-+0-9eE.]{0,14}";
    let times = "[0-9]{0,4}-?[01][0-9]-[0-3][0-9][T ]?[0-2][0-9]:[0-6][0-9](:[0-6][0-9])?([.][0-9]{0,10})?(Z|[-+][0-9]{2}:[0-9]{2})?";
    let hex = "\\\\x[0-9a-fA-F]{0,6}";
    let texts = prop_oneof![any::<String>(), numbers, times, hex];
    proptest!(ProptestConfig { cases: 4000, failure_persistence: None, ..Default::default() }, |(text in texts)| {
        for column in table.columns() {
            let kind = column.kind();
            let _ = kind.read_json(&json!(text));
            let Ok(value) = kind.read_text(&text) else { continue };
            let written = kind.to_text(&value).unwrap();
            prop_assert_eq!(&kind.read_text(&written).unwrap(), &value, "{:?} {}", kind, written);
            prop_assert_eq!(kind.read_json(&kind.to_json(&value)).ok(), kind.comparable(&value).ok().map(|_| value));
        }
    });
}
