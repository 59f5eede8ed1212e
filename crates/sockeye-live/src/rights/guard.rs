//! Guard: the rights of a model, asked about a request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use sea_orm::DatabaseTransaction;
use sockeye::{Handshake, Permission};

use crate::error::{Error, ErrorKind, Result};
use crate::filter::Filter;
use crate::rights::{Authentication, HiddenFrom, Operation, Rows};
use crate::row::Columns;
use crate::table::Table;

/// What a boxed question takes.
type Asking<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The rights of one model, whoever its users are. The user is the one that the handshake knows.
pub(crate) trait Guard: Send + Sync {
    /// # Errors
    /// What the permission says when the user may not; `SignedOut` without one.
    fn permit<'a>(
        &'a self,
        operation: Operation,
        handshake: &'a Handshake,
    ) -> Asking<'a, Result<()>>;

    /// The rows that are the user's.
    ///
    /// # Errors
    /// What the application says.
    fn rows<'a>(
        &'a self,
        handshake: &'a Handshake,
        transaction: &'a DatabaseTransaction,
    ) -> Asking<'a, Result<Filter>>;

    /// The columns that the user may see; those of the key always.
    fn columns(&self, handshake: &Handshake) -> Columns;

    /// The columns that the user may write, of those that it may see.
    fn writable(&self, handshake: &Handshake) -> Columns;

    fn user_id(&self, handshake: &Handshake) -> Option<String>;
}

/// A permission of any type.
pub(super) trait Asked<U>: Send + Sync {
    fn ask<'a>(&'a self, handshake: &'a Handshake) -> Asking<'a, sockeye::Result<()>>;
}

impl<U: Sync + 'static, P: Permission<U>> Asked<U> for P {
    fn ask<'a>(&'a self, handshake: &'a Handshake) -> Asking<'a, sockeye::Result<()>> {
        Box::pin(handshake.permit(self))
    }
}

/// Row rights of any type.
pub(super) trait AskedRows<U>: Send + Sync {
    fn ask<'a>(
        &'a self,
        user: Option<&'a U>,
        transaction: &'a DatabaseTransaction,
    ) -> Asking<'a, sockeye::Result<Filter>>;
}

impl<U: Sync, R: Rows<U>> AskedRows<U> for R {
    fn ask<'a>(
        &'a self,
        user: Option<&'a U>,
        transaction: &'a DatabaseTransaction,
    ) -> Asking<'a, sockeye::Result<Filter>> {
        Box::pin(self.rows(user, transaction))
    }
}

/// The rights of one model for users of one type.
pub(crate) struct Judged<U> {
    pub(super) table: Arc<Table>,
    pub(super) permissions: [Option<Arc<dyn Asked<U>>>; 4],
    pub(super) authentication: Authentication,
    pub(super) rows: Option<Arc<dyn AskedRows<U>>>,
    pub(super) visible: Columns,
    pub(super) hidden_from: Option<HiddenFrom<U>>,
    pub(super) writable: Columns,
}

impl<U: Sync + 'static> Guard for Judged<U> {
    fn permit<'a>(
        &'a self,
        operation: Operation,
        handshake: &'a Handshake,
    ) -> Asking<'a, Result<()>> {
        Box::pin(async move {
            let asked = match &self.permissions[operation as usize] {
                Some(permission) => permission.ask(handshake).await,
                None if self.authentication.has_users() && handshake.user::<U>().is_none() => {
                    Err(sockeye::Error::refused(401, "sign in first"))
                }
                None => Ok(()),
            };
            asked.map_err(|error| judged(&error))
        })
    }

    fn rows<'a>(
        &'a self,
        handshake: &'a Handshake,
        transaction: &'a DatabaseTransaction,
    ) -> Asking<'a, Result<Filter>> {
        Box::pin(async move {
            match &self.rows {
                Some(rows) => rows
                    .ask(handshake.user::<U>(), transaction)
                    .await
                    .map_err(|error| judged(&error)),
                None => Ok(Filter::all()),
            }
        })
    }

    fn columns(&self, handshake: &Handshake) -> Columns {
        let Some(hidden) = &self.hidden_from else {
            return self.visible.clone();
        };
        let hidden = hidden(handshake.user::<U>());
        let hidden = hidden.iter().filter_map(|name| self.table.position(name));
        let hidden = hidden.filter(|at| !self.table.key().contains(at));
        hidden.fold(self.visible.clone(), Columns::without)
    }

    fn writable(&self, handshake: &Handshake) -> Columns {
        let visible = self.columns(handshake);
        let all = 0..self.table.columns().len();
        Columns::of(
            &self.table,
            all.filter(|at| visible.has(*at) && self.writable.has(*at)),
        )
    }

    fn user_id(&self, handshake: &Handshake) -> Option<String> {
        self.authentication.user_id(handshake)
    }
}

/// What an application's own code says about a right.
fn judged(error: &sockeye::Error) -> Error {
    let kind = match error.status() {
        Some(401) => ErrorKind::SignedOut,
        Some(403) => ErrorKind::Forbidden,
        Some(404) => ErrorKind::NotFound,
        Some(status) => ErrorKind::Refused { status },
        None => {
            tracing::error!(?error, "a permission or row right failed");
            ErrorKind::Database
        }
    };
    Error::new(kind, error.to_string())
}
