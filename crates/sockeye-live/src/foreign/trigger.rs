//! Trigger: the one of PostgreSQL on a model's table.

use std::fmt::Write;
use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    QueryResult, Statement, TransactionTrait, Value,
};

use crate::error::{Error, ErrorKind, Result};
use crate::log::{CHANGES, CHANNEL, LOCK, Log};
use crate::table::{Column, Kind, Table};

const FUNCTIONS: &str = include_str!("functions.sql");

/// The advisory lock of who installs. Not the log's: he waits for the writers of a table, and they for the log.
const INSTALLING: i64 = LOCK + 1;

/// What is put on a table.
#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    resource: String,
    /// Quoted, and with its schema where the entity names one.
    table: String,
    /// What the function is told: the resource, and columns in three arrays.
    arguments: [String; 4],
}

impl Trigger {
    /// The one for an entity.
    pub(crate) fn of<E: EntityTrait>(table: &Table) -> Self {
        let keys = table.key().iter().map(|&at| table.column(at));
        let of_json = |column: &&Arc<Column>| matches!(column.kind(), Kind::Json);
        let json = table.columns().iter().filter(of_json);
        let filled = json.clone().filter(|column| !column.is_nullable());
        let schema = E::default().schema_name().map(quoted);
        let schema = schema.map_or_else(String::new, |schema| schema + ".");
        Self {
            resource: table.name().to_owned(),
            table: schema + &quoted(table.name()),
            arguments: [
                table.name().to_owned(),
                array(keys),
                array(json),
                array(filled),
            ],
        }
    }

    /// Puts it on the table unless it is there; subscribers of the resource read again when it is put there, since
    /// they may have missed something before.
    ///
    /// Waits for the transactions that write to the table, while others wait to write.
    ///
    /// # Errors
    /// [`Configuration`](ErrorKind::Configuration) on another database or without the table; when the database user may
    /// not, which has to own the table and to create in the schema of the log.
    pub(crate) async fn install(&self, database: &DatabaseConnection) -> Result<()> {
        self.expect_postgres(database)?;
        Log::new(database).install().await?;
        let installed = async {
            let transaction = begin(database).await?;
            let there = self.table_is_there(&transaction).await?;
            if there {
                self.install_in(&transaction).await?;
            }
            transaction.commit().await?;
            Ok(there)
        };
        match installed.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::new(
                ErrorKind::Configuration,
                format!(
                    "cannot install a trigger on `{}`: the database has no such table; create it before",
                    self.resource
                ),
            )),
            Err(source) => Err(self.failed("install a trigger on", source)),
        }
    }

    /// Takes it from the table, and with the last one all that they share. Fine where there is none.
    ///
    /// # Errors
    /// As [`install`](Self::install).
    pub(crate) async fn uninstall(&self, database: &DatabaseConnection) -> Result<()> {
        self.expect_postgres(database)?;
        let uninstalled = async {
            let transaction = begin(database).await?;
            if self.table_is_there(&transaction).await? {
                transaction.execute_unprepared(&self.drop_sql()).await?;
            }
            if let Some(schema) = log_schema(&transaction).await? {
                clear(&transaction, &schema).await?;
            }
            transaction.commit().await
        };
        let failed = |source| self.failed("uninstall the trigger on", source);
        uninstalled.await.map_err(failed)
    }

    async fn install_in(&self, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        let schema = log_schema(transaction).await?;
        let schema = schema.ok_or_else(|| DbErr::RecordNotFound(format!("no table {CHANGES}")))?;
        let functions = FUNCTIONS
            .replace("{schema}", &schema)
            .replace("{lock}", &LOCK.to_string())
            .replace("{channel}", &literal(CHANNEL));
        transaction.execute_unprepared(&functions).await?;
        if self.is_installed(transaction, &schema).await? {
            return Ok(());
        }
        transaction.execute_unprepared(&self.drop_sql()).await?;
        transaction
            .execute_unprepared(&self.create_sql(&schema))
            .await?;
        Ok(())
    }

    async fn table_is_there(&self, transaction: &DatabaseTransaction) -> Result<bool, DbErr> {
        let sql = "SELECT to_regclass($1) IS NOT NULL";
        let row = ask(transaction, sql, [self.table.as_str().into()]).await?;
        row.map_or(Ok(false), |row| row.try_get_by_index(0))
    }

    /// Whether it is there as this version would make it.
    async fn is_installed(
        &self,
        transaction: &DatabaseTransaction,
        schema: &str,
    ) -> Result<bool, DbErr> {
        let sql = "SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass($1) AND tgenabled <> 'D' AND ( \
                   tgname = 'sockeye_tell' AND tgfoid = to_regproc($2) AND tgargs = $3 \
                   OR tgname = 'sockeye_truncated' AND tgfoid = to_regproc($4))";
        let mut arguments = self.arguments.join("\0");
        arguments.push('\0');
        let values = [
            self.table.as_str().into(),
            format!("{schema}.sockeye_tell").into(),
            arguments.into_bytes().into(),
            format!("{schema}.sockeye_truncated").into(),
        ];
        let row = ask(transaction, sql, values).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(count == 2)
    }

    fn create_sql(&self, schema: &str) -> String {
        let (table, resource) = (&self.table, literal(&self.resource));
        let arguments = self
            .arguments
            .each_ref()
            .map(|each| literal(each))
            .join(", ");
        format!(
            "CREATE CONSTRAINT TRIGGER sockeye_tell AFTER INSERT OR UPDATE OR DELETE ON {table} \
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {schema}.sockeye_tell({arguments}); \
             CREATE TRIGGER sockeye_truncated AFTER TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION {schema}.sockeye_truncated({resource}); \
             INSERT INTO {schema}.sockeye_resets (resource) VALUES ({resource});"
        )
    }

    fn drop_sql(&self) -> String {
        let table = &self.table;
        format!(
            "DROP TRIGGER IF EXISTS sockeye_tell ON {table}; DROP TRIGGER IF EXISTS sockeye_truncated ON {table};"
        )
    }

    fn expect_postgres(&self, database: &DatabaseConnection) -> Result<()> {
        let found = database.get_database_backend();
        if found == DbBackend::Postgres {
            return Ok(());
        }
        let text = format!(
            "cannot install a trigger on `{}`: that is for PostgreSQL, and this is a database of {found:?}; \
             there write through a `Writer`",
            self.resource
        );
        Err(Error::new(ErrorKind::Configuration, text))
    }

    fn failed(&self, what: &str, source: DbErr) -> Error {
        Error::database(&format!("{what} `{}`", self.resource), source)
    }
}

/// A transaction while nobody else installs: two that make the same function would disturb each other.
async fn begin(database: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let transaction = database.begin().await?;
    let lock = format!("SELECT pg_advisory_xact_lock({INSTALLING})");
    transaction.execute_unprepared(&lock).await?;
    Ok(transaction)
}

/// The schema that has the log, quoted.
async fn log_schema(transaction: &DatabaseTransaction) -> Result<Option<String>, DbErr> {
    let sql = "SELECT nspname::text FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
               WHERE pg_class.oid = to_regclass($1)";
    let row = ask(transaction, sql, [CHANGES.into()]).await?;
    let name = row
        .map(|row| row.try_get_by_index::<String>(0))
        .transpose()?;
    Ok(name.as_deref().map(quoted))
}

/// Removes what the triggers share, unless one of them is left.
async fn clear(transaction: &DatabaseTransaction, schema: &str) -> Result<(), DbErr> {
    let sql = "SELECT FROM pg_trigger WHERE tgfoid = to_regproc($1) LIMIT 1";
    let tell = format!("{schema}.sockeye_tell");
    if ask(transaction, sql, [tell.into()]).await?.is_some() {
        return Ok(());
    }
    let mut drop = format!("DROP TABLE IF EXISTS {schema}.sockeye_resets;");
    for function in [
        "tell()",
        "reset()",
        "truncated()",
        "image(jsonb, text[], text[])",
    ] {
        let _ = write!(drop, "DROP FUNCTION IF EXISTS {schema}.sockeye_{function};");
    }
    transaction.execute_unprepared(&drop).await.map(|_| ())
}

async fn ask<const N: usize>(
    transaction: &DatabaseTransaction,
    sql: &str,
    values: [Value; N],
) -> Result<Option<QueryResult>, DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    transaction.query_one_raw(statement).await
}

/// A name as SQL reads it, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL reads it, whatever is in it and however backslashes are set up.
fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// The names of columns, as PostgreSQL reads an array.
fn array<'a>(columns: impl Iterator<Item = &'a Arc<Column>>) -> String {
    let quoted = |column: &Arc<Column>| {
        let name = column.name().replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{name}\"")
    };
    let names: Vec<_> = columns.map(quoted).collect();
    format!("{{{}}}", names.join(","))
}
