//! Rights: who may do what with a model, which rows are whose, and which columns are for whom.

mod authentication;
mod guard;
mod rows;

use std::sync::Arc;

use sockeye::Permission;

pub(crate) use authentication::Authentication;
pub(crate) use guard::{Guard, Judged};
pub use rows::Rows;

use crate::error::{Error, ErrorKind, Result};
use crate::row::Columns;
use crate::table::Table;
use guard::{Asked, AskedRows};

/// What can be done with a model, by REST and on its socket alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Listing and getting rows, and watching them.
    Read,
    /// Adding rows.
    Create,
    /// Replacing and changing rows.
    Update,
    /// Deleting rows.
    Delete,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::Create, Self::Update, Self::Delete];

    /// All that change something.
    pub const WRITES: [Self; 3] = [Self::Create, Self::Update, Self::Delete];
}

/// One operation or several: `Operation::Read`, `Operation::WRITES`, `[Operation::Read, Operation::Create]`.
pub trait Operations {
    /// Which ones.
    fn operations(self) -> impl Iterator<Item = Operation>;
}

impl Operations for Operation {
    fn operations(self) -> impl Iterator<Item = Self> {
        std::iter::once(self)
    }
}

impl<const N: usize> Operations for [Operation; N] {
    fn operations(self) -> impl Iterator<Item = Operation> {
        self.into_iter()
    }
}

/// Gives the columns that a user may not see.
type HiddenFrom<U> = Arc<dyn Fn(Option<&U>) -> Vec<String> + Send + Sync>;

/// What was decided about a model, as it is put together.
pub(crate) struct Rights<U> {
    permissions: [Option<Arc<dyn Asked<U>>>; 4],
    rows: Option<Arc<dyn AskedRows<U>>>,
    hidden: Vec<String>,
    hidden_from: Option<HiddenFrom<U>>,
    read_only: Vec<String>,
}

impl<U: Sync + 'static> Rights<U> {
    pub(crate) fn new() -> Self {
        Self {
            permissions: [None, None, None, None],
            rows: None,
            hidden: Vec::new(),
            hidden_from: None,
            read_only: Vec::new(),
        }
    }

    pub(crate) fn permit(&mut self, operations: impl Operations, permission: impl Permission<U>) {
        let permission: Arc<dyn Asked<U>> = Arc::new(permission);
        for operation in operations.operations() {
            self.permissions[operation as usize] = Some(Arc::clone(&permission));
        }
    }

    pub(crate) fn rows(&mut self, rows: impl Rows<U>) {
        self.rows = Some(Arc::new(rows));
    }

    pub(crate) fn hide(&mut self, columns: impl IntoIterator<Item = String>) {
        self.hidden.extend(columns);
    }

    pub(crate) fn hide_from(
        &mut self,
        columns: impl Fn(Option<&U>) -> Vec<String> + Send + Sync + 'static,
    ) {
        self.hidden_from = Some(Arc::new(columns));
    }

    pub(crate) fn read_only(&mut self, columns: impl IntoIterator<Item = String>) {
        self.read_only.extend(columns);
    }

    /// The rights of a table. Where nothing was said of an operation it is for those who are signed in, and for everybody
    /// where nobody can be.
    ///
    /// # Errors
    /// `Configuration` for a column that the table does not have, or a hidden key.
    pub(crate) fn into_guard(
        self,
        table: &Arc<Table>,
        authentication: &Authentication,
    ) -> Result<Arc<dyn Guard>> {
        let visible = without(table, Columns::all(table), &self.hidden, "hide")?;
        let writable = without(table, Columns::all(table), &self.read_only, "read_only")?;
        if let Some(key) = table.key().iter().find(|key| !visible.has(**key)) {
            let column = table.column(*key).name();
            let text = format!(
                "cannot hide column `{column}` of `{}`: rows are known by it",
                table.name()
            );
            return Err(Error::new(ErrorKind::Configuration, text));
        }
        Ok(Arc::new(Judged {
            table: Arc::clone(table),
            permissions: self.permissions,
            authentication: authentication.clone(),
            rows: self.rows,
            visible,
            hidden_from: self.hidden_from,
            writable,
        }))
    }
}

/// `columns` without those of these names.
fn without(table: &Table, columns: Columns, names: &[String], what: &str) -> Result<Columns> {
    names.iter().try_fold(columns, |columns, name| {
        let at = table.position(name).ok_or_else(|| {
            let known: Vec<_> = table.columns().iter().map(|column| column.name()).collect();
            let text = format!(
                "cannot {what} column `{name}` of `{}`: it has {}",
                table.name(),
                known.join(", ")
            );
            Error::new(ErrorKind::Configuration, text)
        })?;
        Ok(columns.without(at))
    })
}
