//! Models: a small shop.

/// Something to sell, with columns of all kinds.
pub(crate) mod product {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "products")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i32,
        #[sea_orm(unique, column_type = "String(StringLen::N(40))")]
        pub(crate) name: String,
        pub(crate) price: i64,
        pub(crate) weight: Option<f64>,
        pub(crate) kind: Kind,
        #[sea_orm(default_value = true)]
        pub(crate) listed: bool,
        pub(crate) note: Option<String>,
        pub(crate) picture: Option<Vec<u8>>,
        pub(crate) more: Option<Json>,
        /// Hidden from everybody.
        #[sea_orm(default_value = 7)]
        pub(crate) cost: i32,
        /// Seen, and written by nobody.
        #[sea_orm(default_value = 0)]
        pub(crate) sold: i32,
    }

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "kind")]
    pub(crate) enum Kind {
        #[sea_orm(string_value = "fruit")]
        Fruit,
        #[sea_orm(string_value = "bread")]
        Bread,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(has_many = "super::order::Entity")]
        Order,
    }

    impl Related<super::order::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Order.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Somebody's wish for a product.
pub(crate) mod order {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i32,
        pub(crate) owner: String,
        pub(crate) product_id: i32,
        #[sea_orm(extra = "CHECK (pieces > 0)")]
        pub(crate) pieces: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "super::product::Entity",
            from = "Column::ProductId",
            to = "super::product::Column::Id"
        )]
        Product,
    }

    impl Related<super::product::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Product.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A place with a key of two parts.
pub(crate) mod shelf {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "shelves")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) aisle: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i32,
        pub(crate) label: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        async fn before_save<C: ConnectionTrait>(self, _: &C, _: bool) -> Result<Self, DbErr> {
            match self.number.try_as_ref() {
                Some(number) if *number < 0 => {
                    Err(DbErr::Custom("shelves are counted from 0".to_owned()))
                }
                _ => Ok(self),
            }
        }
    }
}
