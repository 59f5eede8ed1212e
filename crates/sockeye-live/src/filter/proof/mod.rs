//! The proof that filters mean the same in memory and in a database, for random rows and filters of every kind.

mod random;
pub(crate) mod thing;

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

use crate::connect::connect;
use crate::filter::{Filter, Node};
use crate::row::Row;
use crate::table::{Kind, Table};

/// Random runs; each has some rows and filters.
const RUNS: u32 = 24;

/// What one run asks.
type Run = (Vec<Vec<Value>>, Vec<Node>);

fn prove(runtime: &Runtime, database: &DatabaseConnection) {
    let table = Table::of::<thing::Entity>().unwrap();
    let mut runner = TestRunner::new(Config {
        cases: RUNS,
        failure_persistence: None,
        ..Config::default()
    });
    let runs = (
        vec(random::row(&table), 1..24),
        vec(random::filter(&table), 1..16),
    );
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
