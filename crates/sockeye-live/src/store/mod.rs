//! Store: the rows of one model, in and out through its SeaORM entity, whose type is forgotten.

mod entity;
mod select;

use std::pin::Pin;
use std::sync::Arc;

use sea_orm::{DatabaseTransaction, Value};

pub(crate) use entity::{Check, EntityStore};

use crate::error::Result;
use crate::filter::Bound;
use crate::row::{Columns, Key, Row};
use crate::table::Table;
use crate::writer::Writer;

/// What a store is doing.
pub(crate) type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A value for the column at a position.
pub(crate) type Assignment = (usize, Value);

/// Some of the rows in an order.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Columns to sort by, the first one first; rows that are equal by them are in the order of their keys.
    pub(crate) sort: Vec<Sort>,
    pub(crate) limit: u64,
    pub(crate) offset: u64,
    /// Whether to count the rows of all pages, which takes the database as long as there are many.
    pub(crate) total: bool,
}

/// A column to sort by. Null comes after everything else, and first where the order is turned around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) at: usize,
    pub(crate) descending: bool,
}

/// The rows of a page, and how many there are on all pages, where that was asked for.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) rows: Vec<Row>,
    pub(crate) total: Option<u64>,
}

/// The rows of a model. Each is asked with the rows that the client has a right to: others are not there for it.
pub(crate) trait Store: Send + Sync {
    fn table(&self) -> &Arc<Table>;

    /// The columns that the entity fills in new rows by itself.
    fn filled(&self) -> &Columns;

    /// A page of the rows that match.
    fn page<'a>(
        &'a self,
        reader: &'a DatabaseTransaction,
        rows: &'a Bound,
        page: &'a Page,
    ) -> Doing<'a, Found>;

    /// Up to `limit` of the rows that match behind the first `offset`, in the order of their keys.
    fn snapshot<'a>(
        &'a self,
        reader: &'a DatabaseTransaction,
        rows: &'a Bound,
        limit: u64,
        offset: u64,
    ) -> Doing<'a, Vec<Row>>;

    /// The row with a key. `NotFound` where it is not among `rows`.
    fn get<'a>(
        &'a self,
        reader: &'a DatabaseTransaction,
        rows: &'a Bound,
        key: &'a Key,
    ) -> Doing<'a, Row>;

    /// Inserts a row; columns that are left out are for the database to fill. `Forbidden` when it is then not among
    /// `rows`, `Invalid` when the application's check finds faults, and with both the writer is not to be committed.
    fn insert<'a>(
        &'a self,
        writer: &'a mut Writer,
        rows: &'a Bound,
        values: Vec<Assignment>,
    ) -> Doing<'a, Row>;

    /// Writes some columns of the row with a key. As [`get`](Self::get) before and [`insert`](Self::insert) after.
    fn update<'a>(
        &'a self,
        writer: &'a mut Writer,
        rows: &'a Bound,
        key: &'a Key,
        values: Vec<Assignment>,
    ) -> Doing<'a, Row>;

    /// Deletes the row with a key; gives it as it was. As [`get`](Self::get) before.
    fn delete<'a>(
        &'a self,
        writer: &'a mut Writer,
        rows: &'a Bound,
        key: &'a Key,
    ) -> Doing<'a, Row>;
}
