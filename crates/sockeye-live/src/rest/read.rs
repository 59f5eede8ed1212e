//! Reading: a page of rows, and one row.

use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Value, json};

use crate::log;
use crate::resource::Resource;
use crate::rest::visit::Visit;
use crate::rest::{Problem, json as answer, page};
use crate::rights::Operation;

/// `GET /api/{table}`
pub(crate) async fn list(resource: &Resource, parts: &mut Parts) -> Result<Response, Problem> {
    let visit = Visit::new(resource, Operation::Read, parts).await?;
    let Resource {
        table,
        store,
        limits,
        ..
    } = resource;
    let asked = page::read(table, &visit.visible, limits, visit.handshake.query())?;
    let asked_rows = asked.filter.bind(table)?;
    let reader = log::read_transaction(&resource.database).await?;
    let rows = visit.rows(&reader).await?.and(asked_rows);
    let found = store.page(&reader, &rows, &asked.page).await?;
    log::end(reader).await?;
    let items: Vec<Value> = found.rows.iter().map(|row| visit.show(row)).collect();
    let mut told = json!({
        "items": items,
        "limit": asked.page.limit,
        "offset": asked.page.offset,
    });
    if let Some(total) = found.total {
        told["total"] = json!(total);
    }
    Ok(answer(StatusCode::OK, &told))
}

/// `GET /api/{table}/{key}`
pub(crate) async fn get(resource: &Resource, parts: &mut Parts) -> Result<Response, Problem> {
    let visit = Visit::new(resource, Operation::Read, parts).await?;
    visit.no_query()?;
    let key = visit.key()?;
    let reader = log::read_transaction(&resource.database).await?;
    let rows = visit.rows(&reader).await?;
    let row = resource.store.get(&reader, &rows, &key).await?;
    log::end(reader).await?;
    Ok(answer(StatusCode::OK, &visit.show(&row)))
}
