//! Writing: creating, replacing, changing and deleting one row, each in a transaction of its own.
//!
//! Permissions are asked before the transaction begins, since they may ask the database themselves: if each writer held one
//! connection and waited for another, all of them together would wait for ever. Row rights get the transaction.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::resource::Resource;
use crate::rest::body::{self, Purpose};
use crate::rest::visit::Visit;
use crate::rest::{Problem, json};
use crate::rights::Operation;
use crate::row::Row;

/// `POST /api/{table}`
pub(crate) async fn create(
    resource: &Resource,
    parts: &mut Parts,
    body: Body,
) -> Result<Response, Problem> {
    let visit = Visit::new(resource, Operation::Create, parts).await?;
    visit.no_query()?;
    let values = body::read(&visit, parts, body, Purpose::Create).await?;
    visit.permit_again().await?;
    let may_read = visit.may_read().await;
    let mut writer = resource.writer().await?;
    let rows = visit.rows(writer.transaction()).await?;
    let row = resource.store.insert(&mut writer, &rows, values).await?;
    writer.commit().await?;
    let mut response = match may_read {
        true => json(StatusCode::CREATED, &visit.show(&row)),
        false => StatusCode::CREATED.into_response(),
    };
    let path = visit.handshake.url().path();
    let location = format!("{path}/{}", row.key(&resource.table));
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// `PUT /api/{table}/{key}` and `PATCH /api/{table}/{key}`
pub(crate) async fn update(
    resource: &Resource,
    parts: &mut Parts,
    body: Body,
) -> Result<Response, Problem> {
    let visit = Visit::new(resource, Operation::Update, parts).await?;
    visit.no_query()?;
    let key = visit.key()?;
    let purpose = match parts.method {
        Method::PUT => Purpose::Replace(&key),
        _ => Purpose::Change(&key),
    };
    let values = body::read(&visit, parts, body, purpose).await?;
    visit.permit_again().await?;
    let may_read = visit.may_read().await;
    let mut writer = resource.writer().await?;
    let rows = visit.rows(writer.transaction()).await?;
    let row = resource
        .store
        .update(&mut writer, &rows, &key, values)
        .await?;
    writer.commit().await?;
    Ok(shown(&visit, may_read, &row))
}

/// `DELETE /api/{table}/{key}`; rows that the database deletes or changes with it by `ON DELETE` are not told.
pub(crate) async fn delete(resource: &Resource, parts: &mut Parts) -> Result<Response, Problem> {
    let visit = Visit::new(resource, Operation::Delete, parts).await?;
    visit.no_query()?;
    let key = visit.key()?;
    let mut writer = resource.writer().await?;
    let rows = visit.rows(writer.transaction()).await?;
    resource.store.delete(&mut writer, &rows, &key).await?;
    writer.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn shown(visit: &Visit<'_>, may_read: bool, row: &Row) -> Response {
    match may_read {
        true => json(StatusCode::OK, &visit.show(row)),
        false => StatusCode::NO_CONTENT.into_response(),
    }
}
