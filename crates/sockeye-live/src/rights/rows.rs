//! Rows: the rows of a model that are a user's to see and to change.

use std::future::Future;

use sea_orm::DatabaseTransaction;

use crate::filter::Filter;

/// Says which rows of a model a user has a right to: for all others there are none. By REST they are 404, on sockets they
/// come and go with the right as if they were created and deleted.
///
/// A function of the user is one. A type may ask the database as well: in the transaction that the rows are then read by,
/// so that both are of one moment. When what it finds there changes, [`Writer::recheck`](crate::Writer::recheck) has the
/// views of that user made anew.
///
/// ```
/// use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
/// use sockeye_live::{Filter, Rows, column};
/// # mod product {
/// #     use sea_orm::entity::prelude::*;
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "products")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub department: String, pub price: i32, }
/// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// #     pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # mod order {
/// #     use sea_orm::entity::prelude::*;
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "orders")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub product_id: i32, }
/// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// #     pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
///
/// /// Orders of the products of somebody's department.
/// struct OfDepartment;
///
/// impl Rows<String> for OfDepartment {
///     async fn rows(&self, user: Option<&String>, transaction: &DatabaseTransaction) -> sockeye::Result<Filter> {
///         let Some(user) = user else { return Ok(Filter::none()) };
///         let products = product::Entity::find().filter(product::Column::Department.eq(user)).all(transaction).await?;
///         Ok(column(order::Column::ProductId).is_in(products.into_iter().map(|product| product.id)))
///     }
/// }
/// ```
pub trait Rows<U>: Send + Sync + 'static {
    /// The rows of a user; `None` is nobody in particular.
    ///
    /// # Errors
    /// [`sockeye::Error::refused`] refuses with its own status and text, any other error with 500 and without its text.
    fn rows(
        &self,
        user: Option<&U>,
        transaction: &DatabaseTransaction,
    ) -> impl Future<Output = sockeye::Result<Filter>> + Send;
}

impl<U, F> Rows<U> for F
where
    U: Sync,
    F: Fn(Option<&U>) -> Filter + Send + Sync + 'static,
{
    async fn rows(&self, user: Option<&U>, _: &DatabaseTransaction) -> sockeye::Result<Filter> {
        Ok(self(user))
    }
}
