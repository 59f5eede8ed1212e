//! Queries of a store: by key, by page.

use sea_orm::sea_query::{ExprTrait, NullOrdering, Order};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, Select};

use crate::row::Key;
use crate::store::Sort;
use crate::table::Table;

/// The row with a key.
pub(crate) fn by_key<E: EntityTrait>(table: &Table, key: &Key) -> Select<E> {
    let parts = table.key().iter().zip(key.values());
    parts.fold(E::find(), |select, (&at, value)| {
        let column = table.column(at);
        select.filter(column.expr().eq(column.bound(value.clone())))
    })
}

/// Sorts by columns, and then by the key, so that an order is the same at every look.
pub(crate) fn sorted<E: EntityTrait>(
    mut select: Select<E>,
    table: &Table,
    sort: &[Sort],
) -> Select<E> {
    let key = table
        .key()
        .iter()
        .filter(|at| sort.iter().all(|sort| sort.at != **at));
    let key = key.map(|&at| Sort {
        at,
        descending: false,
    });
    for Sort { at, descending } in sort.iter().copied().chain(key) {
        let column = table.column(at);
        let (order, nulls) = match descending {
            false => (Order::Asc, NullOrdering::Last),
            true => (Order::Desc, NullOrdering::First),
        };
        // Said only where it can matter: databases use an index for their own order.
        select = match column.is_nullable() {
            true => select.order_by_with_nulls(column.expr(), order, nulls),
            false => select.order_by(column.expr(), order),
        };
    }
    select
}
