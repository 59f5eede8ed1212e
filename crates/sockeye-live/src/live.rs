//! Live: models that have started: their routes, their writer, their feed.

use std::fmt;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use sea_orm::DatabaseConnection;
use serde_json::json;
use sockeye::Router;
use tokio::task::AbortHandle;

use crate::error::Result;
use crate::feed::{Counters, Feed, LiveStats, Place};
#[cfg(feature = "postgres")]
use crate::foreign;
use crate::model::Served;
use crate::models::Start;
use crate::openapi;
use crate::rest;
use crate::writer::Writer;

/// Live models that have started. A cheap handle: the feed goes on until the last one is dropped and the last router that
/// came from it.
#[derive(Clone)]
pub struct Live(Arc<Running>);

struct Running {
    database: DatabaseConnection,
    place: Place,
    counters: Arc<Counters>,
    served: Vec<Served>,
}

impl Live {
    pub(crate) fn new(start: Start, served: Vec<Served>, feed: Feed) -> Self {
        let listening = listen(&start);
        tokio::spawn(async move {
            feed.run().await;
            listening.abort();
        });
        Self(Arc::new(Running {
            database: start.database,
            place: start.place,
            counters: start.counters,
            served,
        }))
    }

    /// The routes of all models: `/api/{table}` and `/api/{table}/{key}` by HTTP, `/ws/{table}` for sockets, and beside
    /// them `/openapi.json`, `/docs` and `/health`. Extractors of what is added to them see the database as their state.
    ///
    /// `/openapi.json` is made for who asks for it: it names the models and operations that it is permitted, and the columns
    /// that it may see.
    ///
    /// `DELETE` tells of the row that it deletes. Rows that the database deletes or changes with it, by `ON DELETE CASCADE` or
    /// `ON DELETE SET NULL`, stay untold, as a [`Writer`] says: where they are watched, let the foreign key refuse instead, so
    /// that clients are answered 409, or delete them by a `Writer` in a route of your own.
    #[must_use]
    pub fn routes(&self) -> Router<DatabaseConnection> {
        let mut routes = Router::with_state(self.0.database.clone());
        let resources = self
            .0
            .served
            .iter()
            .map(|served| Arc::clone(&served.resource));
        routes = openapi::mount(routes, resources.collect()).http("/health", get(health));
        for served in &self.0.served {
            routes = rest::mount(routes, &served.resource);
            if let Some(socket) = &served.socket {
                let path = format!("/ws/{}", served.resource.table.name());
                routes = routes.route(path.as_str(), socket.clone());
            }
        }
        routes
    }

    /// Begins a transaction whose changes reach all who watch.
    ///
    /// # Errors
    /// `Database`.
    ///
    /// # Cancel safety
    /// As [`Writer::begin`].
    pub async fn writer(&self) -> Result<Writer> {
        Writer::begin_waking(&self.0.database, self.0.place.wake.clone()).await
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &DatabaseConnection {
        &self.0.database
    }

    /// What was done so far, and who watches now.
    pub async fn stats(&self) -> LiveStats {
        let mut stats = self.0.counters.read();
        stats.position = self.0.place.now();
        for served in &self.0.served {
            let gate = served.resource.stream.hold().await;
            stats.views += gate.views();
            stats.subscribers += gate.subscribers();
        }
        stats
    }
}

/// Hears of what other programs commit, where the database tells.
fn listen(start: &Start) -> AbortHandle {
    #[cfg(feature = "postgres")]
    let listening = foreign::listen(start.database.clone(), start.place.wake.clone());
    #[cfg(not(feature = "postgres"))]
    let listening = {
        let _ = start;
        std::future::ready(())
    };
    tokio::spawn(listening).abort_handle()
}

/// That the server answers; what it depends on has its own ways to tell.
async fn health() -> Response {
    rest::json(StatusCode::OK, &json!({ "status": "healthy" }))
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let models = self
            .0
            .served
            .iter()
            .map(|served| served.resource.table.name());
        f.debug_struct("Live")
            .field("models", &models.collect::<Vec<_>>())
            .field("position", &self.0.place.now())
            .finish_non_exhaustive()
    }
}
