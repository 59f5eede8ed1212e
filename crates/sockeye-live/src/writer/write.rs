//! Inserting, updating and deleting, each with the images of its row.

use std::sync::Arc;

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Iterable,
    PrimaryKeyToColumn, QueryFilter, QuerySelect, Select,
};

use crate::error::{Error, ErrorKind, Result};
use crate::log::NewChange;
use crate::row::Row;
use crate::table::Table;
use crate::writer::Writer;

type ModelOf<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Model;

impl Writer {
    /// Inserts a row; gives it as the database has it.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) when a unique value is taken or a row that it refers to is missing;
    /// [`Invalid`](ErrorKind::Invalid) when a rule of the table forbids it or a hook of the entity says `DbErr::Custom`; when the
    /// database fails, or the transaction holds 10,000 changes already. The transaction can then only be rolled back.
    ///
    /// # Cancel safety
    /// Dropped at an await point it may have inserted the row without telling; nothing of the transaction is then committed.
    pub async fn insert<A>(&mut self, row: A) -> Result<ModelOf<A>>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        ModelOf<A>: IntoActiveModel<A> + Sync,
    {
        let table = self.table::<A::Entity>()?;
        let what = format!("insert into `{}`", table.name());
        self.write()?;
        let inserted = row.insert(&self.transaction).await;
        let model = self.done(&what, inserted)?;
        self.kept(NewChange::created(
            &table,
            &Row::of_model::<A::Entity>(&model),
        ))?;
        Ok(model)
    }

    /// Updates the columns that are `Set`, in the row with the primary key of `row`; gives it as the database has it.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is no such row, after which the transaction goes on. For the rest as
    /// [`insert`](Self::insert).
    ///
    /// # Cancel safety
    /// Dropped at an await point it may have updated the row without telling; nothing of the transaction is then committed.
    pub async fn update<A>(&mut self, row: A) -> Result<ModelOf<A>>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        ModelOf<A>: IntoActiveModel<A> + Sync,
    {
        let table = self.table::<A::Entity>()?;
        let before = self.locked(&table, &row).await?;
        self.update_locked(&table, &before, row).await
    }

    /// Deletes the row with the primary key of `row`; gives it as it was.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is no such row, after which the transaction goes on;
    /// [`Conflict`](ErrorKind::Conflict) when others refer to it. For the rest as [`insert`](Self::insert).
    ///
    /// # Cancel safety
    /// Dropped at an await point it may have deleted the row without telling; nothing of the transaction is then committed.
    pub async fn delete<A>(&mut self, row: A) -> Result<ModelOf<A>>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        ModelOf<A>: IntoActiveModel<A> + Sync,
    {
        let table = self.table::<A::Entity>()?;
        let before = self.locked(&table, &row).await?;
        self.delete_locked(&table, &before, row).await?;
        Ok(before)
    }

    /// Updates a row that this transaction has locked.
    pub(crate) async fn update_locked<A>(
        &mut self,
        table: &Table,
        before: &ModelOf<A>,
        row: A,
    ) -> Result<ModelOf<A>>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        ModelOf<A>: IntoActiveModel<A> + Sync,
    {
        let what = format!("update `{}`", table.name());
        self.write()?;
        let updated = row.update(&self.transaction).await;
        let after = self.done(&what, updated)?;
        let image = Row::of_model::<A::Entity>;
        // Nobody needs to hear of what is as it was.
        match image(before) == image(&after) {
            true => self.failed = false,
            false => self.kept(NewChange::updated(table, &image(before), &image(&after)))?,
        }
        Ok(after)
    }

    /// Deletes a row that this transaction has locked.
    pub(crate) async fn delete_locked<A>(
        &mut self,
        table: &Table,
        before: &ModelOf<A>,
        row: A,
    ) -> Result<()>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        ModelOf<A>: IntoActiveModel<A> + Sync,
    {
        let what = format!("delete from `{}`", table.name());
        self.write()?;
        let deleted = row.delete(&self.transaction).await;
        if self.done(&what, deleted)?.rows_affected == 0 {
            self.failed = false;
            return Err(missing(table));
        }
        self.kept(NewChange::deleted(
            table,
            &Row::of_model::<A::Entity>(before),
        ))
    }

    /// The row that a query finds, which nobody else writes until the commit.
    pub(crate) async fn lock<E: EntityTrait>(
        &mut self,
        table: &Table,
        select: Select<E>,
    ) -> Result<Option<E::Model>> {
        let found = select.lock_exclusive().one(&self.transaction).await;
        self.done(&format!("look for a row of `{}`", table.name()), found)
    }

    /// The row with the primary key of `row`, which nobody else writes until the commit.
    async fn locked<A: ActiveModelTrait>(
        &mut self,
        table: &Arc<Table>,
        row: &A,
    ) -> Result<ModelOf<A>> {
        let mut select = A::Entity::find();
        for key in <A::Entity as EntityTrait>::PrimaryKey::iter() {
            let column = key.into_column();
            let Some(value) = row.get(column).into_value() else {
                let text = format!(
                    "cannot write a row of `{}`: its primary key is not set",
                    table.name()
                );
                return Err(Error::new(ErrorKind::Invalid, text));
            };
            select = select.filter(column.eq(value));
        }
        let found = self.lock(table, select).await?;
        found.ok_or_else(|| missing(table))
    }
}

fn missing(table: &Table) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("there is no such row in `{}`", table.name()),
    )
}
