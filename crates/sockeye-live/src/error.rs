//! The error of live models: what went wrong, for the program and for the client.

use std::error::Error as StdError;
use std::fmt;

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use sea_orm::RuntimeErr;
use sea_orm::{ConnAcquireErr, DbErr, SqlErr};
use sockeye::{Fault, FaultKind, Faults};

/// The result of everything that can fail with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong: a sentence, a [kind](ErrorKind) and, where there is one, the source.
#[derive(Debug)]
pub struct Error(Box<Found>);

#[derive(Debug)]
struct Found {
    kind: ErrorKind,
    text: String,
    faults: Option<Faults>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The family of an [`Error`], for programs that decide by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A model, its options or a configuration file cannot be used; found when the program starts.
    Configuration,
    /// What a client or a program asked for is wrong in itself: 400, and 422 where values are, one by one or by a rule of
    /// the table.
    Invalid,
    /// Nobody is signed in: 401.
    SignedOut,
    /// The user may not: 403.
    Forbidden,
    /// There is no such row, or none that the user may see: 404.
    NotFound,
    /// A permission or a right to rows refused with this status, and words of its own.
    Refused {
        /// As in HTTP, 400 to 599.
        status: u16,
    },
    /// A unique key is taken, or another row refers to this one: 409.
    Conflict,
    /// Larger than a limit allows: 413.
    TooLarge,
    /// Others do as much as there is room for, or wrote the same at the same time: 503, and the same works a little later.
    Busy,
    /// The database failed or is out of reach: 500, and the text stays inside.
    Database,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self(Box::new(Found {
            kind,
            text: text.into(),
            faults: None,
            source: None,
        }))
    }

    /// Fields that are wrong, each with its reason.
    pub(crate) fn faulty(text: impl Into<String>, faults: Faults) -> Self {
        let mut error = Self::new(ErrorKind::Invalid, text);
        error.0.faults = Some(faults);
        error
    }

    /// What the database answered when it was asked to do `what`. What an entity's hooks say, which is `DbErr::Custom`, is
    /// told as it is.
    pub(crate) fn database(what: &str, source: DbErr) -> Self {
        let (kind, why) = judged(&source);
        let why = match &source {
            DbErr::Custom(text) => text,
            _ => why,
        };
        let is_rule = kind == ErrorKind::Invalid && !matches!(source, DbErr::Custom(_));
        let mut error = Self::new(kind, format!("cannot {what}: {why}"));
        // Which field it is, databases do not say alike.
        error.0.faults = is_rule.then(|| Fault::new(FaultKind::ValueError, [], why).into());
        error.0.source = Some(Box::new(source));
        error
    }

    /// The family this error belongs to.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The fields that are wrong, where single ones are.
    #[must_use]
    pub fn faults(&self) -> Option<&Faults> {
        self.0.faults.as_ref()
    }

    /// The HTTP status that a client is told.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.0.kind {
            ErrorKind::Invalid if self.0.faults.is_some() => 422,
            ErrorKind::Invalid => 400,
            ErrorKind::SignedOut => 401,
            ErrorKind::Forbidden => 403,
            ErrorKind::NotFound => 404,
            ErrorKind::Refused { status } => status,
            ErrorKind::Conflict => 409,
            ErrorKind::TooLarge => 413,
            ErrorKind::Busy => 503,
            ErrorKind::Configuration | ErrorKind::Database => 500,
        }
    }

    /// Whether clients are told no more than that something failed.
    pub(crate) fn is_internal(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Configuration | ErrorKind::Database)
    }
}

/// Whose fault it is, in words that show nothing of the database.
fn judged(source: &DbErr) -> (ErrorKind, &'static str) {
    match source.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            return (ErrorKind::Conflict, "another row has the same unique value");
        }
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => {
            let why = "a row that is referred to is missing, or still referred to";
            return (ErrorKind::Conflict, why);
        }
        _ => {}
    }
    match source {
        DbErr::Custom(_) => (ErrorKind::Invalid, ""),
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => (
            ErrorKind::Busy,
            "all connections to the database are in use; try again",
        ),
        #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
        DbErr::Exec(RuntimeErr::SqlxError(source))
        | DbErr::Query(RuntimeErr::SqlxError(source)) => refused(source),
        _ => FAILED,
    }
}

/// MySQL has no code of SQL for a lock that was waited for too long, only a number.
#[cfg(feature = "mysql")]
fn waited_in_vain(source: &dyn sea_orm::sqlx::error::DatabaseError) -> bool {
    source
        .try_downcast_ref::<sea_orm::SqlxMySqlError>()
        .is_some_and(|source| source.number() == 1205)
}

/// Only MySQL has no code of SQL for a lock that was waited for too long.
#[cfg(all(not(feature = "mysql"), any(feature = "sqlite", feature = "postgres")))]
fn waited_in_vain(_: &dyn sea_orm::sqlx::error::DatabaseError) -> bool {
    false
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
const BUSY: (ErrorKind, &str) = (
    ErrorKind::Busy,
    "others wrote the same at the same time; try again",
);

const FAILED: (ErrorKind, &str) = (ErrorKind::Database, "the database failed");

/// What rules of the tables, and writers at the same time, have to do with it.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
fn refused(source: &sea_orm::SqlxError) -> (ErrorKind, &'static str) {
    use sea_orm::sqlx::error::ErrorKind as Refused;

    let Some(source) = source.as_database_error() else {
        return FAILED;
    };
    let code = source.code().unwrap_or_default();
    match (source.kind(), &*code) {
        (Refused::CheckViolation | Refused::NotNullViolation, _) => {
            (ErrorKind::Invalid, "a rule of the table forbids it")
        }
        (Refused::ExclusionViolation, _) => (ErrorKind::Conflict, "another row excludes it"),
        // What triggers raise: by PL/pgSQL, by SQLite and by MySQL.
        (_, "P0001" | "1811" | "45000") => (ErrorKind::Invalid, "a rule of the table forbids it"),
        // Serialization failures, deadlocks and locks that were waited for too long: of SQL, and of SQLite.
        (_, "40001" | "40P01" | "55P03") => BUSY,
        (_, "5" | "6" | "261" | "262" | "517" | "518" | "773") => BUSY,
        _ if waited_in_vain(source) => BUSY,
        // Class 22 of SQL: values that a column cannot take.
        (_, code) if code.len() == 5 && code.starts_with("22") => {
            (ErrorKind::Invalid, "a value does not fit its column")
        }
        _ => FAILED,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| {
            let source: &(dyn StdError + 'static) = source.as_ref();
            source
        })
    }
}
