//! What other programs do to rows.

use sea_orm::{EntityTrait, Set};

use super::{World, trigger};
use crate::foreign::Trigger;
use crate::log::ChangeKind;
use crate::row::Row;
use crate::sample::product;
use crate::table::Table;
use crate::writer::Writer;

#[tokio::test]
async fn inserting_updating_and_deleting_is_told_with_both_images() {
    let world = World::new().await;
    world
        .psql("INSERT INTO products (name, stock) VALUES ('apple', 1)")
        .await;
    world.psql("UPDATE products SET stock = 2").await;
    world.psql("UPDATE products SET stock = 2").await;
    world.psql("DELETE FROM products").await;
    assert_eq!(
        world.told().await,
        [
            "products created 1:apple:1",
            "products updated 1:apple:1 1:apple:2",
            "products deleted 1:apple:2",
        ],
        "what stays as it is is not told"
    );
}

#[tokio::test]
async fn many_rows_of_one_statement_are_told_in_order() {
    let world = World::new().await;
    world
        .psql(
            "INSERT INTO products (name, stock) SELECT 'p' || n, n FROM generate_series(1, 300) n",
        )
        .await;
    let told = world.told().await;
    let expected: Vec<_> = (1..=300)
        .map(|n| format!("products created {n}:p{n}:{n}"))
        .collect();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn copied_rows_are_told() {
    let world = World::new().await;
    world
        .psql("COPY products (name, stock) FROM STDIN;\napple\t1\npear\t2\n\\.\n")
        .await;
    assert_eq!(
        world.told().await,
        ["products created 1:apple:1", "products created 2:pear:2"]
    );
}

#[tokio::test]
async fn what_is_rolled_back_is_not_told() {
    let world = World::new().await;
    let statements = "BEGIN; INSERT INTO products (name, stock) VALUES ('apple', 1); ROLLBACK;";
    world.psql(statements).await;
    let failing = "INSERT INTO products (name, stock) VALUES ('pear', 1), ('pear', 2)";
    assert!(world.server.psql(&world.url, failing).await.is_err());
    let in_part = "BEGIN; INSERT INTO products (name, stock) VALUES ('plum', 1); SAVEPOINT s; \
                   UPDATE products SET stock = 7; ROLLBACK TO s; COMMIT;";
    world.psql(in_part).await;
    let told = world.told().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].ends_with(":plum:1"), "{told:?}");
}

#[tokio::test]
async fn a_row_whose_key_changes_goes_and_another_one_comes() {
    let world = World::new().await;
    world
        .psql("INSERT INTO products (name, stock) VALUES ('apple', 1), ('pear', 2)")
        .await;
    world.forget().await;
    world.psql("UPDATE products SET id = 10 WHERE id = 1").await;
    let moved = ["products deleted 1:apple:1", "products created 10:apple:1"];
    assert_eq!(world.told().await, moved);
}

#[tokio::test]
async fn keys_that_change_places_make_subscribers_read_again() {
    let world = World::new().await;
    world
        .psql(
            "INSERT INTO products (name, stock) VALUES ('apple', 1), ('pear', 2); \
         ALTER TABLE products DROP CONSTRAINT products_pkey; \
         ALTER TABLE products ADD PRIMARY KEY (id) DEFERRABLE",
        )
        .await;
    world.forget().await;
    world.psql("UPDATE products SET id = 3 - id").await;
    assert_eq!(world.told().await, ["products reset", "products reset"]);
}

#[tokio::test]
async fn a_row_that_cannot_be_told_is_written_and_subscribers_read_again() {
    let world = World::new().await;
    world
        .psql("ALTER TABLE products ADD COLUMN more json")
        .await;
    // PostgreSQL keeps this escape in `json`, and has no other form of it.
    let written = r#"INSERT INTO products (name, stock, more) VALUES ('apple', 1, '"\u0000"')"#;
    world.psql(written).await;
    assert_eq!(world.told().await, ["products reset"]);
    assert_eq!(world.psql("SELECT count(*) FROM products").await, "1");
}

#[tokio::test]
async fn a_table_that_has_changed_since_is_told_as_it_is() {
    let world = World::new().await;
    world
        .psql("ALTER TABLE products DROP COLUMN stock, ADD COLUMN price int")
        .await;
    world
        .psql("INSERT INTO products (name, price) VALUES ('apple', 1)")
        .await;
    assert_eq!(world.told().await, ["products created 1:apple:-"]);
}

#[tokio::test]
async fn a_writer_tells_once() {
    let world = World::new().await;
    let mut writer = Writer::begin(&world.database).await.unwrap();
    let apple = product::ActiveModel {
        name: Set("apple".to_owned()),
        stock: Set(1),
        ..Default::default()
    };
    writer.insert(apple).await.unwrap();
    writer.commit().await.unwrap();
    world.psql("UPDATE products SET stock = 2").await;
    let told = [
        "products created 1:apple:1",
        "products updated 1:apple:1 1:apple:2",
    ];
    assert_eq!(world.told().await, told);
}

#[tokio::test]
async fn rows_that_the_database_deletes_with_others_are_told() {
    let world = World::new().await;
    world
        .psql(
            "CREATE TABLE owners (id int PRIMARY KEY); INSERT INTO owners VALUES (1); \
         ALTER TABLE products ADD COLUMN owner int REFERENCES owners ON DELETE CASCADE; \
         INSERT INTO products (name, stock, owner) VALUES ('apple', 1, 1)",
        )
        .await;
    world.forget().await;
    world.psql("DELETE FROM owners").await;
    assert_eq!(world.told().await, ["products deleted 1:apple:1"]);
}

/// Every kind of column; those of JSON twice, since null there is two things.
mod thing {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "a \"thing's\" \\ name")]
    pub(super) struct Model {
        #[sea_orm(primary_key, column_name = "the \"key\"")]
        pub(super) id: i64,
        pub(super) flag: Option<bool>,
        pub(super) ratio: f64,
        pub(super) single: f32,
        pub(super) note: Option<String>,
        pub(super) data: Vec<u8>,
        #[sea_orm(column_type = "JsonBinary", column_name = "more 'or \"less\" \\")]
        pub(super) more: Option<Json>,
        #[sea_orm(column_type = "Json")]
        pub(super) always: Json,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[tokio::test]
async fn images_are_the_rows_whatever_the_other_program_has_set_up() {
    let world = World::new().await;
    let schema = sea_orm::Schema::new(sea_orm::DbBackend::Postgres);
    let create = schema.create_table_from_entity(thing::Entity);
    sea_orm::ConnectionTrait::execute(&world.database, &create)
        .await
        .unwrap();
    let table = Table::of::<thing::Entity>().unwrap();
    let trigger = Trigger::of::<thing::Entity>(&table);
    trigger.install(&world.database).await.unwrap();
    world.forget().await;
    world.psql(
        r#"SET bytea_output = escape; SET extra_float_digits = -15; SET standard_conforming_strings = off;
        INSERT INTO "a ""thing's"" \ name" VALUES
        (1, true, 0.1 + 0.2, 0.1, E'"\\ \' ä', '\\x00ff27', '"text"', '{"b": 1, "a": [null, "\\u00e4"]}'),
        (2, null, '-Infinity', 1e30, null, '', 'null', 'null'),
        (3, false, 1e-300, -0.5, '', 'abc', '[1.50, 12345678901234567890]', '7')"#,
    ).await;
    let mut told = Vec::new();
    for change in world.changes().await {
        let ChangeKind::Created { after } = change.decode(&table).unwrap().kind else {
            panic!("{change:?}");
        };
        told.push(after);
    }
    let rows = thing::Entity::find().all(&world.database).await.unwrap();
    let mut rows: Vec<_> = rows.iter().map(Row::of_model::<thing::Entity>).collect();
    // JSON's null and the database's are one where a column may have both.
    let mut second = thing::Entity::find_by_id(2)
        .one(&world.database)
        .await
        .unwrap()
        .unwrap();
    second.more = None;
    rows[1] = Row::of_model::<thing::Entity>(&second);
    assert_eq!(told, rows);
}

#[tokio::test]
async fn installing_asks_for_a_table() {
    let world = World::new().await;
    world.psql("DROP TABLE products").await;
    let error = trigger().install(&world.database).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot install a trigger on `products`: the database has no such table; create it before"
    );
}
