//! The log of changes: what is read back, in which order, and what trimming leaves.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, Set};

use crate::connect::connect;
use crate::log::{ChangeKind, Log, Wake};
use crate::row::Row;
use crate::sample::{self, File, product};
use crate::table::Table;
use crate::writer::Writer;

async fn memory() -> DatabaseConnection {
    let database = connect("sqlite::memory:").await.unwrap();
    sample::install(&database).await;
    database
}

fn named(name: &str) -> product::ActiveModel {
    product::ActiveModel {
        name: Set(name.to_owned()),
        stock: Set(1),
        ..Default::default()
    }
}

async fn insert(database: &DatabaseConnection, name: &str) -> product::Model {
    let mut writer = Writer::begin(database).await.unwrap();
    let model = writer.insert(named(name)).await.unwrap();
    writer.commit().await.unwrap();
    model
}

#[tokio::test]
async fn what_happened_is_read_back_in_order() {
    let database = memory().await;
    let model = insert(&database, "apple").await;
    let mut writer = Writer::begin(&database).await.unwrap();
    let fewer = product::ActiveModel {
        id: Set(model.id),
        stock: Set(0),
        ..Default::default()
    };
    let after = writer.update(fewer.clone()).await.unwrap();
    writer.delete(fewer).await.unwrap();
    writer.recheck("user-7").unwrap();
    writer.commit().await.unwrap();

    let batch = Log::new(&database).read_after(0, 10).await.unwrap();
    assert_eq!(batch.trimmed, 0);
    let [created, updated, deleted, rights] = batch.changes.as_slice() else {
        panic!("{batch:?}");
    };
    let table = Table::of::<product::Entity>().unwrap();
    let row = |model: &product::Model| Row::of_model::<product::Entity>(model);
    let (before, after) = (row(&model), row(&after));
    assert_eq!(
        created.decode(&table).unwrap().kind,
        ChangeKind::Created {
            after: before.clone()
        }
    );
    let kind = ChangeKind::Updated {
        before,
        after: after.clone(),
    };
    assert_eq!(updated.decode(&table).unwrap().kind, kind);
    assert_eq!(
        deleted.decode(&table).unwrap().kind,
        ChangeKind::Deleted { before: after }
    );
    assert_eq!(rights.user().unwrap().as_deref(), Some("user-7"));
    assert_eq!(created.user().unwrap(), None);
    assert!(
        batch
            .changes
            .windows(2)
            .all(|two| two[0].position < two[1].position)
    );
}

#[tokio::test]
async fn reading_stops_at_its_limit_and_goes_on_behind_it() {
    let database = memory().await;
    for name in ["a", "b", "c"] {
        insert(&database, name).await;
    }
    let log = Log::new(&database);
    let first = log.read_after(0, 2).await.unwrap().changes;
    assert_eq!(first.len(), 2);
    let rest = log.read_after(first[1].position, 2).await.unwrap().changes;
    assert_eq!(rest.len(), 1);
    let end = rest[0].position;
    assert!(log.read_after(end, 2).await.unwrap().changes.is_empty());
    assert_eq!(Log::extent(&database).await.unwrap().last, end);
}

#[tokio::test]
async fn trimming_deletes_from_the_oldest_on_and_says_up_to_where() {
    let database = memory().await;
    for number in 0..3 {
        insert(&database, &number.to_string()).await;
    }
    // The second is of a node whose clock is an hour late, the first and the third are young.
    let late = "UPDATE sockeye_changes SET at = at - 3600000 WHERE id = 2";
    database.execute_unprepared(late).await.unwrap();
    let log = Log::new(&database);
    assert_eq!(log.trim(Duration::from_secs(60)).await.unwrap(), 0);
    let late = "UPDATE sockeye_changes SET at = at - 3600000 WHERE id = 1";
    database.execute_unprepared(late).await.unwrap();
    assert_eq!(log.trim(Duration::from_secs(60)).await.unwrap(), 2);
    let batch = log.read_after(0, 10).await.unwrap();
    assert_eq!((batch.trimmed, batch.changes.len()), (2, 1));
}

#[tokio::test]
async fn ids_go_on_after_everything_was_trimmed() {
    let database = memory().await;
    let log = Log::new(&database);
    let mut writer = Writer::begin(&database).await.unwrap();
    for number in 0..2500 {
        writer.recheck(number.to_string()).unwrap();
    }
    writer.commit().await.unwrap();
    for deleted in [1000, 1000, 500, 0] {
        assert_eq!(log.trim(Duration::ZERO).await.unwrap(), deleted);
    }
    let extent = Log::extent(&database).await.unwrap();
    assert_eq!((extent.trimmed, extent.last), (2500, 2500));
    insert(&database, "apple").await;
    let batch = log.read_after(2500, 10).await.unwrap();
    assert_eq!(batch.changes[0].position, 2501);
    assert_eq!(batch.epoch, extent.epoch);
}

#[tokio::test]
async fn several_nodes_make_one_log() {
    let file = File::new().await;
    let before = Log::extent(&file.database).await.unwrap();
    let log = Log::new(&file.database);
    let (one, two) = tokio::join!(log.install(), log.install());
    one.and(two).unwrap();
    assert_eq!(Log::extent(&file.database).await.unwrap(), before);
}

#[tokio::test]
async fn a_commit_wakes_who_listens_once() {
    let database = memory().await;
    let wake = Wake::default();
    let mut listener = wake.listen();
    let mut writer = Writer::begin_waking(&database, wake.clone()).await.unwrap();
    writer.recheck("user-7").unwrap();
    writer.commit().await.unwrap();
    listener.woken(0).await;
    // Nothing was changed, so there is nothing to wake for.
    let writer = Writer::begin_waking(&database, wake.clone()).await.unwrap();
    writer.commit().await.unwrap();
    let again = tokio::time::timeout(Duration::from_millis(20), listener.woken(0));
    assert!(again.await.is_err());
}
