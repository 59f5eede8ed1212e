//! Writers: what they leave when they commit, fail or end, alone and at once.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{join, join_all};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, EntityTrait, Set};
use tokio::time::timeout;

use crate::error::ErrorKind;
use crate::log::{ChangeKind, Log, Wake};
use crate::sample::{File, product};
use crate::table::Table;
use crate::writer::Writer;

const WRITERS: u32 = 6;
const TRANSACTIONS: u32 = 30;

/// The same rows, with a hook that never ends.
mod endless {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "products")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub(super) id: i32,
        pub(super) name: String,
        pub(super) stock: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        async fn after_save<C: ConnectionTrait>(_: Model, _: &C, _: bool) -> Result<Model, DbErr> {
            std::future::pending().await
        }
    }
}

fn named(name: String) -> product::ActiveModel {
    product::ActiveModel {
        name: Set(name),
        stock: Set(1),
        ..Default::default()
    }
}

fn stock(id: i32, stock: i32) -> product::ActiveModel {
    product::ActiveModel {
        id: Set(id),
        stock: Set(stock),
        ..Default::default()
    }
}

/// Writes one transaction after the other; every fourth is undone, some by asking for it and some by being dropped.
async fn write(database: DatabaseConnection, writer: u32) {
    for number in 0..TRANSACTIONS {
        let mut transaction = Writer::begin(&database).await.unwrap();
        for row in 0..1 + number % 3 {
            let name = format!("{writer}-{number}-{row}");
            transaction.insert(named(name)).await.unwrap();
        }
        match number % 8 {
            3 => transaction.rollback().await.unwrap(),
            7 => drop(transaction),
            _ => transaction.commit().await.unwrap(),
        }
    }
}

/// What a feed would read, a few changes at a time, until it has read up to the last.
async fn read(
    database: &DatabaseConnection,
    mut position: i64,
    is_last: impl Fn() -> bool,
) -> Vec<i32> {
    let log = Log::new(database);
    let table = Table::of::<product::Entity>().unwrap();
    let mut ids = Vec::new();
    loop {
        let last = is_last();
        let changes = log.read_after(position, 7).await.unwrap().changes;
        if last && changes.is_empty() {
            return ids;
        }
        for change in changes {
            position = change.position;
            let ChangeKind::Created { after } = change.decode(&table).unwrap().kind else {
                panic!("{change:?}");
            };
            let sea_orm::Value::Int(Some(id)) = after.get(0) else {
                panic!("{after:?}");
            };
            ids.push(*id);
        }
        tokio::task::yield_now().await;
    }
}

/// Everything that was committed is read exactly once, and nothing else, while several write at once.
async fn nothing_is_missed(database: &DatabaseConnection) {
    let start = Log::extent(database).await.unwrap().last;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(database.clone(), writer)))
        .collect();
    let read = read(database, start, || {
        writers.iter().all(|writer| writer.is_finished())
    });
    let read = read.await;
    let rows = product::Entity::find().all(database).await.unwrap();
    let kept: BTreeSet<i32> = rows.into_iter().map(|row| row.id).collect();
    assert_eq!(
        read.len(),
        kept.len(),
        "something came twice, or not at all"
    );
    assert_eq!(read.into_iter().collect::<BTreeSet<_>>(), kept);
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_sqlite_miss_nothing() {
    nothing_is_missed(&File::new().await.database).await;
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_postgres_miss_nothing() {
    let database = crate::connect(&fixtures::Postgres::fresh().await)
        .await
        .unwrap();
    crate::sample::install(&database).await;
    nothing_is_missed(&database).await;
}

#[tokio::test]
async fn what_stays_as_it_was_is_not_told() {
    let file = File::new().await;
    let mut writer = Writer::begin(&file.database).await.unwrap();
    let apple = writer.insert(named("apple".to_owned())).await.unwrap();
    writer.update(stock(apple.id, 1)).await.unwrap();
    writer.commit().await.unwrap();
    let batch = Log::new(&file.database).read_after(0, 10).await.unwrap();
    assert_eq!(batch.changes.len(), 1);
}

#[tokio::test]
async fn after_a_missing_row_the_transaction_goes_on() {
    let file = File::new().await;
    let mut writer = Writer::begin(&file.database).await.unwrap();
    writer.insert(named("apple".to_owned())).await.unwrap();
    let missing = writer.update(stock(99, 1)).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let missing = writer.delete(stock(99, 1)).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    writer.commit().await.unwrap();
    assert_eq!(
        product::Entity::find()
            .all(&file.database)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn after_a_refused_statement_nothing_is_committed() {
    let file = File::new().await;
    let mut writer = Writer::begin(&file.database).await.unwrap();
    writer.insert(named("apple".to_owned())).await.unwrap();
    let taken = writer.insert(named("apple".to_owned())).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Conflict);
    let error = writer.commit().await.unwrap_err();
    assert!(error.to_string().contains("all of it is undone"), "{error}");
    assert!(
        product::Entity::find()
            .all(&file.database)
            .await
            .unwrap()
            .is_empty()
    );
    let batch = Log::new(&file.database).read_after(0, 10).await.unwrap();
    assert!(batch.changes.is_empty());
}

#[tokio::test]
async fn other_statements_are_part_of_the_transaction() {
    let file = File::new().await;
    let writer = Writer::begin(&file.database).await.unwrap();
    let insert = "INSERT INTO products (name, stock) VALUES ('plum', 1)";
    writer
        .transaction()
        .execute_unprepared(insert)
        .await
        .unwrap();
    writer.rollback().await.unwrap();
    assert!(
        product::Entity::find()
            .all(&file.database)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_transaction_ends_at_its_limit() {
    let file = File::new().await;
    let mut writer = Writer::begin(&file.database).await.unwrap();
    for _ in 0..10_000 {
        writer.recheck("user-7").unwrap();
    }
    let error = writer.recheck("user-7").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    writer.commit().await.unwrap();
    assert_eq!(Log::extent(&file.database).await.unwrap().last, 10_000);
}

#[tokio::test]
async fn what_cannot_be_told_is_not_committed() {
    let file = File::new().await;
    let mut writer = Writer::begin(&file.database).await.unwrap();
    for _ in 0..10_000 {
        writer.recheck("user-7").unwrap();
    }
    let error = writer.insert(named("apple".to_owned())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    nothing_is_committed(&file, writer).await;
}

#[tokio::test]
async fn a_write_that_is_broken_off_is_not_committed() {
    let file = File::new().await;
    let mut writer = Writer::begin(&file.database).await.unwrap();
    let endless = endless::ActiveModel {
        name: Set("apple".to_owned()),
        stock: Set(1),
        ..Default::default()
    };
    let insert = timeout(Duration::from_millis(50), writer.insert(endless));
    insert.await.unwrap_err();
    // Another write does not make up for it.
    writer.insert(named("pear".to_owned())).await.unwrap_err();
    nothing_is_committed(&file, writer).await;
}

async fn nothing_is_committed(file: &File, writer: Writer) {
    writer.commit().await.unwrap_err();
    let rows = product::Entity::find().all(&file.database).await.unwrap();
    assert!(rows.is_empty(), "{rows:?}");
    assert_eq!(Log::extent(&file.database).await.unwrap().last, 0);
}

/// More writers than there are connections wait, and nobody who reads waits with them.
#[tokio::test]
async fn writers_of_sqlite_leave_connections_to_readers() {
    let file = File::new().await;
    let wake = Wake::default();
    let begin = || Writer::begin_waking(&file.database, wake.clone());
    let first = begin().await.unwrap();
    let mut waiting = join_all((0..20).map(|_| async { drop(begin().await.unwrap()) }));
    assert!((&mut waiting).now_or_never().is_none());
    let read = timeout(
        Duration::from_secs(4),
        product::Entity::find().all(&file.database),
    );
    let (read, ()) = join(read, async {
        // Those who wait go on meanwhile, and come to nothing before the first one ends.
        let waited = timeout(Duration::from_millis(200), &mut waiting).await;
        assert!(waited.is_err());
    })
    .await;
    read.unwrap().unwrap();
    first.commit().await.unwrap();
    waiting.await;
}

#[tokio::test]
async fn a_database_that_others_write_is_busy() {
    let file = File::new().await;
    let mut hasty = ConnectOptions::new(file.url());
    hasty.map_sqlx_sqlite_opts(|options| options.busy_timeout(Duration::ZERO));
    let hasty = Database::connect(hasty).await.unwrap();
    let writer = Writer::begin(&file.database).await.unwrap();
    let error = Writer::begin(&hasty).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Busy, 503));
    writer.commit().await.unwrap();
    Writer::begin(&hasty).await.unwrap();
}
