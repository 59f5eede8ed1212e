//! Visit: a request whose sender is known and may do what it asks for.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::http::request::Parts;
use sea_orm::DatabaseTransaction;
use sockeye::{FaultKind, Handshake, Place};

use crate::error::Result;
use crate::filter::Bound;
use crate::resource::Resource;
use crate::rest::Problem;
use crate::rights::Operation;
use crate::row::{Columns, Key, Row};

/// A request as authenticators and permissions see it.
pub(crate) fn handshake(parts: &Parts) -> Handshake {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(address)| *address);
    Handshake::from_parts(parts, peer, None, false)
}

/// A request that is let in.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) resource: &'a Resource,
    operation: Operation,
    pub(crate) handshake: Handshake,
    pub(crate) visible: Columns,
}

impl<'a> Visit<'a> {
    /// Finds out who sent a request, and asks whether it may.
    pub(crate) async fn new(
        resource: &'a Resource,
        operation: Operation,
        parts: &mut Parts,
    ) -> Result<Self, Problem> {
        let mut handshake = handshake(parts);
        let Resource {
            authentication,
            database,
            guard,
            ..
        } = resource;
        authentication
            .identify(&mut handshake, parts, database)
            .await?;
        guard.permit(operation, &handshake).await?;
        Ok(Self {
            resource,
            operation,
            visible: guard.columns(&handshake),
            handshake,
        })
    }

    /// The rows that are the sender's.
    pub(crate) async fn rows(&self, transaction: &DatabaseTransaction) -> Result<Bound> {
        let rows = self
            .resource
            .guard
            .rows(&self.handshake, transaction)
            .await?;
        rows.bind(&self.resource.table)
    }

    /// Asks once more whether the request may: its body takes its time, and rights change meanwhile.
    pub(crate) async fn permit_again(&self) -> Result<()> {
        let guard = &self.resource.guard;
        guard.permit(self.operation, &self.handshake).await
    }

    /// Whether the sender may see the rows that it writes: who may not gets no row in the answer.
    pub(crate) async fn may_read(&self) -> bool {
        let read = self.resource.guard.permit(Operation::Read, &self.handshake);
        read.await.is_ok()
    }

    /// The key at the end of the path.
    pub(crate) fn key(&self) -> Result<Key> {
        let path = self.handshake.url().path();
        let key = path.rsplit('/').next().unwrap_or_default();
        Key::parse(&self.resource.table, key)
    }

    /// Refuses parameters where there are none: who sends some expects something of them.
    pub(crate) fn no_query(&self) -> Result<(), Problem> {
        let query = self.handshake.query();
        let Some((name, _)) = query.iter().next() else {
            let checked = query.check();
            return checked
                .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.to_string()));
        };
        let text = "a path that names a row takes no parameters".to_owned();
        Err(Problem::fault(
            FaultKind::ExtraForbidden,
            vec![Place::key(&name)],
            text,
        ))
    }

    pub(crate) fn show(&self, row: &Row) -> serde_json::Value {
        row.to_json(&self.resource.table, &self.visible)
    }
}
