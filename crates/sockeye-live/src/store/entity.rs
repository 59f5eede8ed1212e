//! EntityStore: the store of one SeaORM entity.

use std::fmt;
use std::sync::Arc;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr,
    EntityTrait, IntoActiveModel, Iterable, QueryFilter, QuerySelect, Select,
};
use sockeye::Faults;

use crate::error::{Error, ErrorKind, Result};
use crate::filter::Bound;
use crate::row::{Columns, Key, Row};
use crate::store::select::{by_key, sorted};
use crate::store::{Assignment, Doing, Found, Page, Store};
use crate::table::Table;
use crate::writer::Writer;

/// What an application finds wrong with a row.
pub(crate) type Check<E> =
    Box<dyn Fn(&<E as EntityTrait>::Model) -> Result<(), Faults> + Send + Sync>;

/// The rows of an entity.
pub(crate) struct EntityStore<E: EntityTrait> {
    table: Arc<Table>,
    filled: Columns,
    /// Asked about every row that is written, as the database has it before the commit.
    checks: Vec<Check<E>>,
}

impl<E: EntityTrait> EntityStore<E> {
    pub(crate) fn new(table: Arc<Table>, checks: Vec<Check<E>>) -> Self
    where
        E::ActiveModel: ActiveModelBehavior,
    {
        let new = <E::ActiveModel as ActiveModelBehavior>::new();
        let columns = E::Column::iter().enumerate();
        let filled = columns.filter(|(_, column)| !new.is_not_set(*column));
        Self {
            filled: Columns::of(&table, filled.map(|(at, _)| at)),
            table,
            checks,
        }
    }

    async fn rows(&self, reader: &DatabaseTransaction, select: Select<E>) -> Result<Vec<Row>> {
        let models = select.all(reader).await;
        let models = models.map_err(|source| self.failed("read", source))?;
        Ok(models.iter().map(Row::of_model::<E>).collect())
    }

    async fn count(&self, reader: &DatabaseTransaction, select: Select<E>) -> Result<u64> {
        let select = select
            .select_only()
            .column_as(Expr::cust("COUNT(*)"), "total");
        let count = select.into_tuple::<i64>().one(reader).await;
        let count = count.map_err(|source| self.failed("count", source))?;
        Ok(count
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or(0))
    }

    /// Whether a row may be left so.
    fn judge(&self, rows: &Bound, model: &E::Model) -> Result<Row> {
        for check in &self.checks {
            check(model)
                .map_err(|faults| Error::faulty("the row is not as it has to be", faults))?;
        }
        let row = Row::of_model::<E>(model);
        if rows.matches(&row) {
            return Ok(row);
        }
        let text = format!(
            "the row of {:?} would be one that you have no right to",
            self.table.name()
        );
        Err(Error::new(ErrorKind::Forbidden, text))
    }

    fn missing(&self) -> Error {
        let text = format!("no row of {:?} has this key", self.table.name());
        Error::new(ErrorKind::NotFound, text)
    }

    fn failed(&self, what: &str, source: DbErr) -> Error {
        Error::database(&format!("{what} rows of {:?}", self.table.name()), source)
    }
}

impl<E> EntityStore<E>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Sync,
    E::ActiveModel: ActiveModelBehavior + Send,
{
    async fn locked(&self, writer: &mut Writer, rows: &Bound, key: &Key) -> Result<E::Model> {
        let found = writer
            .lock::<E>(&self.table, by_key(&self.table, key))
            .await?;
        let found = found.filter(|model| rows.matches(&Row::of_model::<E>(model)));
        found.ok_or_else(|| self.missing())
    }

    fn set(&self, mut row: E::ActiveModel, values: Vec<Assignment>) -> Result<E::ActiveModel> {
        for (at, value) in values {
            let Some(column) = E::Column::iter().nth(at) else {
                continue;
            };
            row.try_set(column, value)
                .map_err(|source| self.failed("write", source))?;
        }
        Ok(row)
    }
}

impl<E> Store for EntityStore<E>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Sync,
    E::ActiveModel: ActiveModelBehavior + Send,
{
    fn table(&self) -> &Arc<Table> {
        &self.table
    }

    fn filled(&self) -> &Columns {
        &self.filled
    }

    fn page<'a>(
        &'a self,
        reader: &'a DatabaseTransaction,
        rows: &'a Bound,
        page: &'a Page,
    ) -> Doing<'a, Found> {
        Box::pin(async move {
            let matching = E::find().filter(rows.condition(reader.get_database_backend()));
            let select = sorted(matching.clone(), &self.table, &page.sort);
            let rows = self
                .rows(reader, select.limit(page.limit).offset(page.offset))
                .await?;
            let found = rows.len() as u64;
            // The last page says by itself how many there are.
            let is_last = found < page.limit && (found > 0 || page.offset == 0);
            let total = match (page.total, is_last) {
                (false, _) => None,
                (true, true) => Some(page.offset + found),
                (true, false) => Some(self.count(reader, matching).await?),
            };
            Ok(Found { rows, total })
        })
    }

    fn snapshot<'a>(
        &'a self,
        reader: &'a DatabaseTransaction,
        rows: &'a Bound,
        limit: u64,
        offset: u64,
    ) -> Doing<'a, Vec<Row>> {
        Box::pin(async move {
            let matching = E::find().filter(rows.condition(reader.get_database_backend()));
            let ordered = sorted(matching, &self.table, &[]);
            self.rows(reader, ordered.limit(limit).offset(offset)).await
        })
    }

    fn get<'a>(
        &'a self,
        reader: &'a DatabaseTransaction,
        rows: &'a Bound,
        key: &'a Key,
    ) -> Doing<'a, Row> {
        Box::pin(async move {
            let select = by_key::<E>(&self.table, key);
            let select = select.filter(rows.condition(reader.get_database_backend()));
            let found = self.rows(reader, select).await?;
            found.into_iter().next().ok_or_else(|| self.missing())
        })
    }

    fn insert<'a>(
        &'a self,
        writer: &'a mut Writer,
        rows: &'a Bound,
        values: Vec<Assignment>,
    ) -> Doing<'a, Row> {
        Box::pin(async move {
            let row = self.set(<E::ActiveModel as ActiveModelBehavior>::new(), values)?;
            let model = writer.insert(row).await?;
            self.judge(rows, &model)
        })
    }

    fn update<'a>(
        &'a self,
        writer: &'a mut Writer,
        rows: &'a Bound,
        key: &'a Key,
        values: Vec<Assignment>,
    ) -> Doing<'a, Row> {
        Box::pin(async move {
            let before = self.locked(writer, rows, key).await?;
            let row = self.set(before.clone().into_active_model(), values)?;
            let model = writer.update_locked(&self.table, &before, row).await?;
            self.judge(rows, &model)
        })
    }

    fn delete<'a>(
        &'a self,
        writer: &'a mut Writer,
        rows: &'a Bound,
        key: &'a Key,
    ) -> Doing<'a, Row> {
        Box::pin(async move {
            let before = self.locked(writer, rows, key).await?;
            let image = Row::of_model::<E>(&before);
            let row = before.clone().into_active_model();
            writer.delete_locked(&self.table, &before, row).await?;
            Ok(image)
        })
    }
}

impl<E: EntityTrait> fmt::Debug for EntityStore<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntityStore")
            .field("table", &self.table)
            .field("checks", &self.checks.len())
            .finish()
    }
}
