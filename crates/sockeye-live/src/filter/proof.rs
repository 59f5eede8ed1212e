//! The proof that filters mean the same in memory and in a database, for random rows and filters of every kind.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, Iterable, Order,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Schema, Statement, Value,
};
use tokio::runtime::Runtime;

use super::{Filter, Node, Operator, Test};
use crate::connect::connect;
use crate::row::Row;
use crate::table::{Integer, Kind, Table};

/// One column of every kind, and all of them may be null.
mod thing {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "size")]
    pub(super) enum Size {
        #[sea_orm(string_value = "small")]
        Small,
        #[sea_orm(string_value = "Large")]
        Large,
        #[sea_orm(string_value = "medium size")]
        Medium,
    }

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "Enum", db_type = "Enum", enum_name = "color")]
    pub(super) enum Color {
        #[sea_orm(string_value = "red")]
        Red,
        #[sea_orm(string_value = "blue")]
        Blue,
    }

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "things")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: i32,
        pub(super) flag: Option<bool>,
        pub(super) small: Option<i16>,
        pub(super) number: Option<i64>,
        pub(super) single: Option<f32>,
        pub(super) double: Option<f64>,
        #[sea_orm(column_type = "Decimal(Some((15, 4)))", nullable)]
        pub(super) price: Option<Decimal>,
        pub(super) name: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub(super) note: Option<String>,
        #[sea_orm(column_type = "Char(Some(4))", nullable)]
        pub(super) code: Option<String>,
        pub(super) size: Option<Size>,
        pub(super) color: Option<Color>,
        pub(super) data: Option<Vec<u8>>,
        pub(super) more: Option<Json>,
        pub(super) mark: Option<Uuid>,
        pub(super) day: Option<Date>,
        pub(super) clock: Option<Time>,
        pub(super) local_time: Option<DateTime>,
        pub(super) at_utc: Option<DateTimeUtc>,
        pub(super) at_local: Option<DateTimeLocal>,
        pub(super) at_fixed: Option<DateTimeWithTimeZone>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Random runs; each has some rows and filters.
const RUNS: u32 = 24;

/// Values of a kind as texts, few enough to meet each other, and the ones at the edges.
fn texts(kind: &Kind) -> BoxedStrategy<String> {
    let pick = |texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        proptest::sample::select(texts).boxed()
    };
    match kind {
        Kind::Bool => pick(&["true", "false"]),
        Kind::Integer(Integer::I64) => prop_oneof![
            pick(&[
                "9223372036854775807",
                "-9223372036854775808",
                "9007199254740993"
            ]),
            (-2..9_i64).prop_map(|number| number.to_string()),
        ]
        .boxed(),
        Kind::Integer(_) => (-3..9_i16).prop_map(|number| number.to_string()).boxed(),
        Kind::Float(_) => pick(&[
            "-0", "0", "0.1", "-1.5", "16777217", "1e-40", "3e38", "-3e38",
        ]),
        Kind::Decimal => prop_oneof![
            pick(&["1.50", "1.5", "-0", "0", "99999999999.9999", "-0.0001"]),
            (-99..99_i64).prop_map(|number| format!("{}.{:02}", number / 10, (number % 10).abs())),
        ]
        .boxed(),
        Kind::Text => prop_oneof![
            "[aAbB %_\\\\'\"]{0,3}",
            pick(&[
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
                "\n"
            ]),
        ]
        .boxed(),
        Kind::Enum(variants) => proptest::sample::select(variants.variants().to_vec()).boxed(),
        Kind::Bytes => "[0f]{0,4}"
            .prop_filter("pairs", |digits| digits.len() % 2 == 0)
            .prop_map(|digits| format!("\\x{digits}"))
            .boxed(),
        Kind::Json => pick(&["{}", "[1,null,\"a\"]", "\"text\"", "{\"a\":{\"b\":1.5}}"]),
        Kind::Uuid => pick(&[
            "00000000-0000-0000-0000-000000000001",
            "80000000-0000-4000-8000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ]),
        Kind::Date => pick(&["0001-01-01", "1969-12-31", "2024-02-29", "9999-12-31"]),
        Kind::Time => pick(&[
            "00:00",
            "12:30:00",
            "12:30:00.5",
            "12:30:00.500001",
            "23:59:59.999999",
        ]),
        Kind::DateTime => pick(&[
            "0001-01-01T00:00:00",
            "2024-02-29T12:30:00",
            "2024-02-29T12:30:00.5",
            "2024-02-29T12:30:00.000001",
            "9999-12-31T23:59:59.999999",
        ]),
        Kind::Moment(_) => {
            let zone = pick(&["Z", "+00:00", "+05:30", "-08:00"]);
            let clock = pick(&[
                "00:30:00",
                "00:30:00.5",
                "00:30:00.500001",
                "12:00:00",
                "23:59:59.9996",
            ]);
            let day = pick(&["0002-01-01", "2024-02-29", "2024-03-01", "9998-12-31"]);
            (day, clock, zone)
                .prop_map(|(day, clock, zone)| format!("{day}T{clock}{zone}"))
                .boxed()
        }
    }
}

fn values(kind: &Kind) -> BoxedStrategy<Value> {
    let kind = kind.clone();
    texts(&kind)
        .prop_map(move |text| kind.read_text(&text).unwrap())
        .boxed()
}

/// The values of one row but for its key.
fn row(table: &Table) -> impl Strategy<Value = Vec<Value>> + use<> {
    let columns = table.columns()[1..].iter();
    let one = |kind: &Kind| {
        let value = values(kind);
        // No client can write these, but a program can.
        let special = match kind {
            Kind::Float(_) => {
                proptest::sample::select(vec!["NaN", "Infinity", "-Infinity"]).boxed()
            }
            _ => return prop_oneof![1 => Just(kind.null()), 4 => value].boxed(),
        };
        let kind = kind.clone();
        let null = kind.null();
        let special = special.prop_map(move |name| kind.read_text(name).unwrap());
        prop_oneof![1 => Just(null), 4 => value, 1 => special].boxed()
    };
    columns.map(|column| one(column.kind())).collect::<Vec<_>>()
}

fn filter(table: &Table) -> impl Strategy<Value = Node> + use<> {
    let tests = table
        .columns()
        .iter()
        .map(|column| test(column.name(), column.kind()));
    let leaf = prop_oneof![
        1 => any::<bool>().prop_map(Node::Constant),
        20 => proptest::strategy::Union::new(tests),
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
    let equality = proptest::sample::select(vec![Operator::Eq, Operator::Ne]);
    let null = Just(vec![kind.null()]);
    let of_null = (equality, null).prop_map(move |(operator, values)| made(operator, values));
    if *kind == Kind::Json {
        return of_null.boxed();
    }
    let order = [Operator::Lt, Operator::Lte, Operator::Gt, Operator::Gte];
    let one = proptest::sample::select([&order[..], &[Operator::Eq, Operator::Ne]].concat());
    let of_one = (one, values(kind)).prop_map(move |(operator, value)| made(operator, vec![value]));
    let lists = proptest::sample::select(vec![Operator::In, Operator::NotIn]);
    let of_many =
        (lists, vec(values(kind), 0..4)).prop_map(move |(operator, values)| made(operator, values));
    if !matches!(kind, Kind::Text | Kind::Enum(_)) {
        return prop_oneof![1 => of_null, 4 => of_one, 2 => of_many].boxed();
    }
    let part = proptest::sample::select(vec![Operator::Contains, Operator::StartsWith]);
    let needle = prop_oneof![values(&Kind::Text), "[smal ]{0,2}".prop_map(Value::from)];
    let of_part = (part, needle).prop_map(move |(operator, value)| made(operator, vec![value]));
    prop_oneof![1 => of_null, 4 => of_one, 2 => of_many, 2 => of_part].boxed()
}

/// What one run asks.
type Run = (Vec<Vec<Value>>, Vec<Node>);

fn prove(runtime: &Runtime, database: &DatabaseConnection) {
    let table = Table::of::<thing::Entity>().unwrap();
    let mut runner = TestRunner::new(Config {
        cases: RUNS,
        failure_persistence: None,
        ..Config::default()
    });
    let runs = (vec(row(&table), 1..24), vec(filter(&table), 1..16));
    let proven = runner.run(&runs, |run| runtime.block_on(agree(database, &table, run)));
    // The reason names the rows and the filter; all rows beside it would bury it.
    if let Err(TestError::Fail(reason, _) | TestError::Abort(reason)) = proven {
        panic!("{reason}");
    }
}

async fn agree(
    database: &DatabaseConnection,
    table: &Table,
    (rows, filters): Run,
) -> Result<(), TestCaseError> {
    let models = rows.into_iter().enumerate().map(|(index, values)| {
        let mut model = <thing::ActiveModel as Default>::default();
        let id = Value::from(i32::try_from(index).unwrap());
        for (column, value) in thing::Column::iter().zip([vec![id], values].concat()) {
            model.set(column, value);
        }
        model
    });
    thing::Entity::delete_many().exec(database).await.unwrap();
    thing::Entity::insert_many(models)
        .exec_without_returning(database)
        .await
        .unwrap();
    let kept = thing::Entity::find()
        .order_by_asc(thing::Column::Id)
        .all(database)
        .await
        .unwrap();
    let rows: Vec<Row> = kept.iter().map(Row::of_model::<thing::Entity>).collect();
    for node in filters {
        matches_agree(database, table, &rows, Filter(node)).await?;
    }
    for at in 0..table.columns().len() {
        order_agrees(database, table, &rows, at).await?;
    }
    if database.get_database_backend() == DbBackend::Postgres {
        images_agree(database, table, &rows).await?;
    }
    Ok(())
}

fn id(row: &Row) -> i32 {
    row.get(0).clone().unwrap()
}

async fn matches_agree(
    database: &DatabaseConnection,
    table: &Table,
    rows: &[Row],
    filter: Filter,
) -> Result<(), TestCaseError> {
    let bound = filter.bind(table).unwrap();
    let backend = database.get_database_backend();
    let select = thing::Entity::find().filter(bound.condition(backend));
    let sql = select.build(backend).to_string();
    let found = select
        .all(database)
        .await
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
    let found: BTreeSet<i32> = found.iter().map(|model| model.id).collect();
    let matched: BTreeSet<i32> = rows
        .iter()
        .filter(|row| bound.matches(row))
        .map(id)
        .collect();
    let wrong: Vec<&Row> = rows
        .iter()
        .filter(|row| found.contains(&id(row)) != matched.contains(&id(row)))
        .collect();
    prop_assert!(
        wrong.is_empty(),
        "{filter:?}\n{sql}\nfinds otherwise: {wrong:?}"
    );
    Ok(())
}

async fn order_agrees(
    database: &DatabaseConnection,
    table: &Table,
    rows: &[Row],
    at: usize,
) -> Result<(), TestCaseError> {
    let column = table.column(at);
    let kind = column.kind();
    if *kind == Kind::Json {
        return Ok(());
    }
    let backend = database.get_database_backend();
    let select = thing::Entity::find()
        .filter(sea_orm::sea_query::ExprTrait::is_not_null(column.expr()))
        .order_by(column.sorted(backend), Order::Asc)
        .order_by_asc(thing::Column::Id);
    let found: Vec<i32> = select
        .select_only()
        .column(thing::Column::Id)
        .into_tuple()
        .all(database)
        .await
        .unwrap();
    let mut sorted: Vec<&Row> = rows
        .iter()
        .filter(|row| !crate::value::is_null(row.get(at)))
        .collect();
    sorted.sort_by(|left, right| {
        kind.compare(left.get(at), right.get(at))
            .unwrap_or(Ordering::Less)
    });
    let sorted: Vec<i32> = sorted.into_iter().map(id).collect();
    prop_assert_eq!(found, sorted, "by {}: {:?}", column.name(), rows);
    Ok(())
}

/// What a trigger of PostgreSQL prints of a row is read as the same row.
async fn images_agree(
    database: &DatabaseConnection,
    table: &Table,
    rows: &[Row],
) -> Result<(), TestCaseError> {
    // The texts of JSON would come without their quotes.
    let images = "SELECT ((SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(thing))) \
                  || jsonb_build_object('more', more::text))::text FROM things AS thing ORDER BY id";
    let images = Statement::from_string(DbBackend::Postgres, images);
    let images = database.query_all_raw(images).await.unwrap();
    for (image, row) in images.iter().zip(rows) {
        let image: String = image.try_get_by_index(0).unwrap();
        let read = Row::from_text_form(table, &image);
        prop_assert_eq!(&read.unwrap(), row, "{}", image);
        prop_assert_eq!(
            &Row::from_text_form(table, &row.to_text_form(table)).unwrap(),
            row
        );
    }
    Ok(())
}

async fn create(database: &DatabaseConnection) {
    let backend = database.get_database_backend();
    let schema = Schema::new(backend);
    for made in schema.create_enum_from_entity(thing::Entity) {
        database.execute(&made).await.unwrap();
    }
    let table = backend
        .build(&schema.create_table_from_entity(thing::Entity))
        .to_string();
    // A collation that has to be overruled, as PostgreSQL's own has to be.
    let table = match backend {
        DbBackend::Sqlite => table.replace("\"name\" varchar", "\"name\" varchar COLLATE NOCASE"),
        _ => table,
    };
    database.execute_unprepared(&table).await.unwrap();
}

#[test]
fn sqlite_agrees() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(async {
        let database = connect("sqlite::memory:").await.unwrap();
        create(&database).await;
        database
    });
    prove(&runtime, &database);
}

#[test]
fn postgresql_agrees() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(async {
        let database = connect(&fixtures::Postgres::fresh().await).await.unwrap();
        create(&database).await;
        database
    });
    prove(&runtime, &database);
}
