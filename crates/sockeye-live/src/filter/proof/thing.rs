//! An entity with one column of every kind, and all of them may be null.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "size")]
pub(crate) enum Size {
    #[sea_orm(string_value = "small")]
    Small,
    #[sea_orm(string_value = "Large")]
    Large,
    #[sea_orm(string_value = "medium size")]
    Medium,
}

#[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "Enum", db_type = "Enum", enum_name = "color")]
pub(crate) enum Color {
    #[sea_orm(string_value = "red")]
    Red,
    #[sea_orm(string_value = "blue")]
    Blue,
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "things")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: i32,
    pub(crate) flag: Option<bool>,
    pub(crate) small: Option<i16>,
    pub(crate) number: Option<i64>,
    pub(crate) single: Option<f32>,
    pub(crate) double: Option<f64>,
    #[sea_orm(column_type = "Decimal(Some((15, 4)))", nullable)]
    pub(crate) price: Option<Decimal>,
    pub(crate) name: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) note: Option<String>,
    #[sea_orm(column_type = "Char(Some(4))", nullable)]
    pub(crate) code: Option<String>,
    pub(crate) size: Option<Size>,
    pub(crate) color: Option<Color>,
    pub(crate) data: Option<Vec<u8>>,
    pub(crate) more: Option<Json>,
    pub(crate) mark: Option<Uuid>,
    pub(crate) day: Option<Date>,
    pub(crate) clock: Option<Time>,
    pub(crate) local_time: Option<DateTime>,
    pub(crate) at_utc: Option<DateTimeUtc>,
    pub(crate) at_local: Option<DateTimeLocal>,
    pub(crate) at_fixed: Option<DateTimeWithTimeZone>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
