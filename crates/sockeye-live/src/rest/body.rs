//! Body: the values of a row as a client sends them, checked before the database sees any.

use std::cmp::Ordering;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Map, Value as Json};
use sockeye::{Fault, FaultKind, Faults, Place};
use tokio::time::timeout;

use crate::error::Error;
use crate::rest::Problem;
use crate::rest::visit::Visit;
use crate::row::{Columns, Key};
use crate::store::Assignment;
use crate::table::{Column, Kind, Table};

/// How long a body may take: some hundred kilobytes on a slow line.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a body is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose<'a> {
    /// A new row: what is left out is filled by the database where it can.
    Create,
    /// The whole of a row but its key: what is left out becomes null.
    Replace(&'a Key),
    /// Some of a row: what is left out stays.
    Change(&'a Key),
}

/// Reads the values of a row.
///
/// # Errors
/// What is wrong with the body, each fault with its place.
pub(crate) async fn read(
    visit: &Visit<'_>,
    parts: &Parts,
    body: Body,
    purpose: Purpose<'_>,
) -> Result<Vec<Assignment>, Problem> {
    json_only(parts, purpose)?;
    let resource = visit.resource;
    let body = received(body, resource.limits.body_bytes).await?;
    let fields = object(&body)?;
    let mut reading = Reading {
        table: &resource.table,
        visible: &visit.visible,
        writable: resource.guard.writable(&visit.handshake),
        purpose,
        values: Vec::with_capacity(fields.len()),
        faults: Faults::default(),
    };
    for (name, value) in &fields {
        reading.field(name, value);
    }
    reading.complete(&fields, resource.store.filled());
    let Reading { values, faults, .. } = reading;
    if faults.is_empty() {
        return Ok(values);
    }
    Err(Error::faulty(format!("the row cannot be written: {faults}"), faults).into())
}

/// Refuses other forms. It also keeps pages of other sites out: a browser asks before it sends JSON to another site.
fn json_only(parts: &Parts, purpose: Purpose<'_>) -> Result<(), Problem> {
    let named = parts.headers.get(header::CONTENT_TYPE);
    let named = named
        .and_then(|named| named.to_str().ok())
        .unwrap_or_default();
    let form = named
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let merges = matches!(purpose, Purpose::Change(_)) && form == "application/merge-patch+json";
    if form == "application/json" || merges {
        return Ok(());
    }
    let found = named.chars().take(40).collect::<String>();
    let text = format!("found the content type {found:?}, expected application/json");
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text))
}

async fn received(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let body = timeout(PATIENCE, Limited::new(body, limit).collect()).await;
    let body = body.map_err(|_| {
        let text = format!(
            "the body did not arrive within {} seconds",
            PATIENCE.as_secs()
        );
        Problem::new(StatusCode::REQUEST_TIMEOUT, text)
    })?;
    let body = body.map_err(|error| match error.is::<LengthLimitError>() {
        true => {
            let text = format!("the body is longer than {limit} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, text)
        }
        false => Problem::new(StatusCode::BAD_REQUEST, "the body broke off"),
    })?;
    Ok(body.to_bytes())
}

fn object(body: &[u8]) -> Result<Map<String, Json>, Problem> {
    let json = serde_json::from_slice(body).map_err(|error| {
        Problem::fault(
            FaultKind::JsonInvalid,
            Vec::new(),
            format!("no JSON: {error}"),
        )
    })?;
    match json {
        Json::Object(fields) => Ok(fields),
        _ => {
            let text = "expected an object of columns and their values".to_owned();
            Err(Problem::fault(FaultKind::ModelType, Vec::new(), text))
        }
    }
}

struct Reading<'a> {
    table: &'a Table,
    visible: &'a Columns,
    writable: Columns,
    purpose: Purpose<'a>,
    values: Vec<Assignment>,
    faults: Faults,
}

impl Reading<'_> {
    fn field(&mut self, name: &str, json: &Json) {
        let at = self.table.position(name).filter(|at| self.visible.has(*at));
        let Some(at) = at else {
            return self.fault(FaultKind::ExtraForbidden, name, "unknown column");
        };
        let column = self.table.column(at);
        if !self.writable.has(at) {
            return self.fault(FaultKind::ExtraForbidden, name, "this column is read only");
        }
        if is_counted(column) && matches!(self.purpose, Purpose::Create) {
            return self.fault(
                FaultKind::ExtraForbidden,
                name,
                "the database makes this value",
            );
        }
        let value = match column.kind().read_json(json) {
            Ok(value) => value,
            Err(why) => return self.fault(FaultKind::TypeError, name, &why),
        };
        if let Err(why) = column.check(&value) {
            return self.fault(FaultKind::ValueError, name, &why);
        }
        match self.purpose {
            Purpose::Replace(key) | Purpose::Change(key) if column.is_key() => {
                let part = self.table.key().iter().position(|part| *part == at);
                let told = part.and_then(|part| key.values().nth(part));
                let order = told.and_then(|told| column.kind().compare(told, &value));
                if order != Some(Ordering::Equal) {
                    self.fault(
                        FaultKind::ValueError,
                        name,
                        "the key of a row stays as it is",
                    );
                }
            }
            _ => self.values.push((at, value)),
        }
    }

    /// Looks at what was left out.
    fn complete(&mut self, fields: &Map<String, Json>, filled: &Columns) {
        let table = self.table;
        for (at, column) in table.columns().iter().enumerate() {
            if !self.writable.has(at) || fields.contains_key(column.name()) {
                continue;
            }
            let fills_itself = column.is_generated() || filled.has(at);
            match self.purpose {
                Purpose::Create if column.is_nullable() || fills_itself => {}
                Purpose::Replace(_) if column.is_key() => {}
                Purpose::Replace(_) if column.is_nullable() => {
                    self.values.push((at, column.kind().null()));
                }
                Purpose::Create | Purpose::Replace(_) => {
                    let text = format!("missing, expected {}", column.kind());
                    self.fault(FaultKind::Missing, column.name(), &text);
                }
                Purpose::Change(_) => {}
            }
        }
    }

    fn fault(&mut self, kind: FaultKind, name: &str, text: &str) {
        self.faults.push(Fault::new(kind, [Place::key(name)], text));
    }
}

/// Whether the database counts the values: a client's own would collide with them later.
pub(crate) fn is_counted(column: &Column) -> bool {
    column.is_key() && column.is_generated() && matches!(column.kind(), Kind::Integer(_))
}

#[cfg(all(test, feature = "chrono"))]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use sockeye::Faults;

    use crate::rest::body::{Purpose, Reading};
    use crate::row::{Columns, Key};
    use crate::table::Table;

    mod meeting {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "meetings")]
        pub(super) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(super) at: DateTimeWithTimeZone,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(super) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    #[test]
    fn a_key_may_be_repeated_in_any_form_of_its_value() {
        let table = Arc::new(Table::of::<meeting::Entity>().unwrap());
        let key = Key::parse(&table, "2024-05-31T22:00:00Z").unwrap();
        let faults = |at: &str| {
            let mut reading = Reading {
                table: &table,
                visible: &Columns::all(&table),
                writable: Columns::all(&table),
                purpose: Purpose::Change(&key),
                values: Vec::new(),
                faults: Faults::default(),
            };
            reading.field("at", &json!(at));
            reading.faults.to_string()
        };
        assert_eq!(faults("2024-05-31T22:00:00Z"), "");
        assert_eq!(faults("2024-06-01T00:00:00+02:00"), "");
        assert!(faults("2024-06-01T00:00:00Z").contains("stays as it is"));
    }
}
