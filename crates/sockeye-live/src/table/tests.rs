//! What an entity says of its columns.

use serde_json::{Value as Json, json};

use super::*;

/// An entity with one column of every kind that needs no feature.
pub(crate) mod sample {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "size")]
    pub(crate) enum Size {
        #[sea_orm(string_value = "small")]
        Small,
        #[sea_orm(string_value = "large")]
        Large,
    }

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "samples")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
        pub(crate) small: i16,
        pub(crate) flag: Option<bool>,
        pub(crate) ratio: Option<f64>,
        #[sea_orm(column_type = "String(StringLen::N(5))", nullable)]
        pub(crate) name: Option<String>,
        #[sea_orm(column_name = "dimension", default_value = "small")]
        pub(crate) size: Size,
        pub(crate) data: Option<Vec<u8>>,
        pub(crate) more: Option<Json>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod composite {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "composites")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i32,
        pub(crate) note: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) region: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[cfg(feature = "postgres")]
mod listed {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "listed")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i32,
        pub(crate) tags: Vec<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[cfg(feature = "decimal")]
mod priced {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "priced")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i32,
        #[sea_orm(column_type = "Decimal(Some((4, 2)))")]
        pub(crate) price: Decimal,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod strange {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "strangers")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i32,
        pub(crate) letter: Letter,
    }

    #[derive(Clone, Debug, PartialEq, Eq, DeriveValueType)]
    pub(crate) struct Letter(pub(crate) String);

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[test]
fn an_entity_says_what_its_columns_are() {
    let table = Table::of::<sample::Entity>().unwrap();
    assert_eq!(table.name(), "samples");
    assert_eq!(table.key(), [0]);
    let column = |name| table.column(table.position(name).unwrap());
    assert_eq!(column("id").kind(), &Kind::Integer(Integer::I64));
    assert!(column("id").is_generated() && column("id").is_key());
    assert_eq!(column("small").kind(), &Kind::Integer(Integer::I16));
    assert!(!column("small").is_nullable() && !column("small").is_generated());
    assert_eq!(column("ratio").kind(), &Kind::Float(Float::Double));
    assert!(column("ratio").is_nullable());
    assert_eq!(column("name").max_chars(), Some(5));
    assert_eq!(column("dimension").variants().unwrap(), ["small", "large"]);
    assert!(column("dimension").is_generated());
    assert_eq!(column("data").kind(), &Kind::Bytes);
    assert_eq!(column("more").kind(), &Kind::Json);
    assert_eq!(table.position("size"), None);
}

#[test]
fn a_column_says_what_does_not_fit() {
    let table = Table::of::<sample::Entity>().unwrap();
    let check = |name: &str, json| {
        let column = table.column(table.position(name).unwrap());
        column.check(&column.kind().read_json(&json).unwrap())
    };
    check("name", json!("\u{E9}\u{E9}\u{E9}\u{E9}\u{E9}")).unwrap();
    check("name", Json::Null).unwrap();
    assert_eq!(
        check("name", json!("abcdef")).unwrap_err(),
        "6 characters, expected at most 5"
    );
    assert!(
        check("small", Json::Null)
            .unwrap_err()
            .starts_with("null, expected a whole number")
    );
}

#[cfg(feature = "decimal")]
#[test]
fn a_number_has_no_more_digits_than_its_column() {
    let table = Table::of::<priced::Entity>().unwrap();
    let check = |text| {
        let column = table.column(1);
        column.check(&column.kind().read_text(text).unwrap())
    };
    check("99.99").unwrap();
    check("-0.001").unwrap();
    for large in ["100", "99.999", "-100.00"] {
        assert_eq!(
            check(large).unwrap_err(),
            "3 digits before the point, expected at most 2"
        );
    }
}

#[cfg(feature = "postgres")]
#[test]
fn an_unsupported_type_is_named() {
    let error = Table::of::<listed::Entity>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let text = error.to_string();
    assert!(
        text.starts_with("column \"tags\" of table \"listed\" is of String stored as Array"),
        "{text}"
    );
    assert!(text.contains("feature chrono, decimal or uuid"), "{text}");
}

#[test]
fn a_key_may_have_parts() {
    let table = Table::of::<composite::Entity>().unwrap();
    assert_eq!(table.key(), [0, 2]);
    assert!(!table.column(0).is_generated());
}

#[test]
fn a_type_around_a_text_is_a_text() {
    let table = Table::of::<strange::Entity>().unwrap();
    assert_eq!(table.column(1).kind(), &Kind::Text);
}
