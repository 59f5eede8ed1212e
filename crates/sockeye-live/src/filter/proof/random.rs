//! Random rows and filters.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use sea_orm::Value;

use crate::filter::{Node, Operator, Test};
use crate::table::{Integer, Kind, Table};

/// One of these.
fn pick(texts: &'static [&'static str]) -> BoxedStrategy<String> {
    select(texts).prop_map(str::to_owned).boxed()
}

/// Values of a kind as texts, few enough to meet each other, and the ones at the edges.
fn texts(kind: &Kind) -> BoxedStrategy<String> {
    match kind {
        Kind::Bool => pick(&["true", "false"]),
        Kind::Integer(Integer::I64) => {
            let edges = pick(&[
                "9223372036854775807",
                "-9223372036854775808",
                "9007199254740993",
            ]);
            let small = (-2..9_i64).prop_map(|number| number.to_string());
            prop_oneof![edges, small].boxed()
        }
        Kind::Integer(_) => (-3..9_i16).prop_map(|number| number.to_string()).boxed(),
        Kind::Float(_) => pick(&[
            "-0", "0", "0.1", "-1.5", "16777217", "1e-40", "3e38", "-3e38",
        ]),
        Kind::Decimal => {
            let edges = pick(&["1.50", "1.5", "-0", "0", "99999999999.9999", "-0.0001"]);
            let small = (-99..99_i64)
                .prop_map(|tenths| format!("{}.{}0", tenths / 10, (tenths % 10).abs()));
            prop_oneof![edges, small].boxed()
        }
        Kind::Text => {
            let special = pick(&[
                "",
                "a",
                "A",
                "a ",
                "\u{E9}",
                "e\u{301}",
                "\u{DF}",
                "ss",
                "\u{1F41F}",
                "\u{FF5E}",
                "\n",
            ]);
            prop_oneof!["[aAbB %_\\\\'\"]{0,3}", special].boxed()
        }
        Kind::Enum(variants) => select(variants.variants().to_vec()).boxed(),
        Kind::Bytes => pick(&["\\x", "\\x00", "\\x0000", "\\x00ff", "\\x7f", "\\x80"]),
        Kind::Json => pick(&["{}", "[1,null,\"a\"]", "\"text\"", "{\"a\":{\"b\":1.5}}"]),
        Kind::Uuid => pick(&[
            "00000000-0000-0000-0000-000000000001",
            "80000000-0000-4000-8000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ]),
        Kind::Date => days(),
        Kind::Time => times(),
        Kind::DateTime => (days(), times())
            .prop_map(|(day, time)| format!("{day}T{time}"))
            .boxed(),
        Kind::Moment(_) => (days(), times(), pick(&["Z", "+00:00", "+05:30", "-08:00"]))
            .prop_map(|(day, time, zone)| format!("{day}T{time}{zone}"))
            .boxed(),
    }
}

/// The first and the last are those that are not of another year in any zone.
fn days() -> BoxedStrategy<String> {
    pick(&[
        "0001-01-02",
        "1969-12-31",
        "2024-02-29",
        "2024-03-01",
        "9999-12-30",
    ])
}

fn times() -> BoxedStrategy<String> {
    pick(&[
        "00:00:00",
        "00:30:00",
        "00:30:00.5",
        "00:30:00.500001",
        "23:59:59.9996",
        "23:59:59.999999",
    ])
}

fn values(kind: &Kind) -> BoxedStrategy<Value> {
    let kind = kind.clone();
    texts(&kind)
        .prop_map(move |text| kind.read_text(&text).unwrap())
        .boxed()
}

/// The values of one row but for its key.
pub(super) fn row(table: &Table) -> impl Strategy<Value = Vec<Value>> + use<> {
    let columns = table.columns()[1..].iter();
    let one = |kind: &Kind| {
        let value = values(kind);
        // No client can write these, but a program can.
        let special = match kind {
            Kind::Float(_) => select(vec!["NaN", "Infinity", "-Infinity"]).boxed(),
            _ => return prop_oneof![1 => Just(kind.null()), 4 => value].boxed(),
        };
        let kind = kind.clone();
        let null = kind.null();
        let special = special.prop_map(move |name| kind.read_text(name).unwrap());
        prop_oneof![1 => Just(null), 4 => value, 1 => special].boxed()
    };
    columns.map(|column| one(column.kind())).collect::<Vec<_>>()
}

pub(super) fn filter(table: &Table) -> impl Strategy<Value = Node> + use<> {
    let tests = table
        .columns()
        .iter()
        .map(|column| test(column.name(), column.kind()));
    let leaf = prop_oneof![
        1 => any::<bool>().prop_map(Node::Constant),
        20 => Union::new(tests),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Node::All),
            vec(inner.clone(), 0..4).prop_map(Node::Any),
            inner.prop_map(|node| Node::Not(Box::new(node))),
        ]
    })
}

/// A comparison that the kind of the column allows.
fn test(column: &'static str, kind: &Kind) -> BoxedStrategy<Node> {
    let made = move |operator, values| {
        Node::Test(Test {
            table: "things".to_owned(),
            column,
            operator,
            values,
        })
    };
    let equality = select(vec![Operator::Eq, Operator::Ne]);
    let null = Just(vec![kind.null()]);
    let of_null = (equality, null).prop_map(move |(operator, values)| made(operator, values));
    if *kind == Kind::Json {
        return of_null.boxed();
    }
    let order = [Operator::Lt, Operator::Lte, Operator::Gt, Operator::Gte];
    let one = select([&order[..], &[Operator::Eq, Operator::Ne]].concat());
    let of_one = (one, values(kind)).prop_map(move |(operator, value)| made(operator, vec![value]));
    let lists = select(vec![Operator::In, Operator::NotIn]);
    let of_many =
        (lists, vec(values(kind), 0..4)).prop_map(move |(operator, values)| made(operator, values));
    if !matches!(kind, Kind::Text | Kind::Enum(_)) {
        return prop_oneof![1 => of_null, 4 => of_one, 2 => of_many].boxed();
    }
    let part = select(vec![Operator::Contains, Operator::StartsWith]);
    let needle = prop_oneof![values(&Kind::Text), "[smal ]{0,2}".prop_map(Value::from)];
    let of_part = (part, needle).prop_map(move |(operator, value)| made(operator, vec![value]));
    prop_oneof![1 => of_null, 4 => of_one, 2 => of_many, 2 => of_part].boxed()
}
