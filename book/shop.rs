//! Shop: the models that chapters show things with.

/// What is sold.
pub mod product {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "products")]
    pub struct Model {
        /// Counted by the database.
        #[sea_orm(primary_key)]
        pub id: i32,
        /// What it is called.
        pub name: String,
        /// What customers pay.
        pub price: i32,
        /// What we pay.
        pub cost: i32,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What somebody wants.
pub mod order {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        /// Counted by the database.
        #[sea_orm(primary_key)]
        pub id: i32,
        /// Who wants it.
        pub owner: String,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
