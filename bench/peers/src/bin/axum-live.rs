//! The benchmark's server of live rows by hand on axum: REST on SQLite, and a broadcast channel of the table, in which every
//! socket hears of every change.

use std::env;
use std::error::Error;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use axum::extract::{Path, State, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, patch};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use tokio::sync::broadcast::{Receiver, Sender, channel};

/// The same as those of the benchmark's other server of rows.
const ROWS: i64 = 1000;
const DEPARTMENTS: i64 = 20;

/// Events that are kept for a socket that lags; the load generator has up to 64 under way.
const EVENTS: usize = 256;

#[derive(Clone)]
struct Products {
    database: SqlitePool,
    events: Sender<Utf8Bytes>,
}

#[derive(Serialize)]
struct Product {
    id: i64,
    name: String,
    price: i64,
    department: i64,
}

/// What a client wants changed; the rest stays.
#[derive(Deserialize)]
struct Change {
    name: Option<String>,
    price: Option<i64>,
    department: Option<i64>,
}

#[derive(Serialize)]
struct Event<'a> {
    event: &'static str,
    resource: &'static str,
    data: &'a Product,
}

async fn change(
    State(products): State<Products>,
    Path(id): Path<i64>,
    Json(change): Json<Change>,
) -> Result<Json<Product>, StatusCode> {
    let sql = "UPDATE products SET name = coalesce(?, name), price = coalesce(?, price), \
               department = coalesce(?, department) WHERE id = ? RETURNING id, name, price, department";
    let changed = sqlx::query_as(sql)
        .bind(change.name)
        .bind(change.price)
        .bind(change.department)
        .bind(id)
        .fetch_optional(&products.database);
    let changed = changed.await.map_err(failed)?;
    let (id, name, price, department) = changed.ok_or(StatusCode::NOT_FOUND)?;
    let data = Product {
        id,
        name,
        price,
        department,
    };
    let event = Event {
        event: "updated",
        resource: "products",
        data: &data,
    };
    let event = serde_json::to_string(&event).map_err(failed)?;
    // Nobody to hear it is no failure of the write.
    let _ = products.events.send(event.into());
    Ok(Json(data))
}

fn failed(error: impl Error) -> StatusCode {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR
}

async fn watch(upgrade: WebSocketUpgrade, State(products): State<Products>) -> Response {
    // Before the client is told that it is connected, so that it misses nothing from then on.
    let heard = products.events.subscribe();
    upgrade.on_upgrade(|socket| tell(socket, heard))
}

async fn tell(mut socket: WebSocket, mut heard: Receiver<Utf8Bytes>) {
    loop {
        tokio::select! {
            event = peers::next(&mut heard) => {
                let Some(event) = event else { return };
                if socket.send(Message::Text(event)).await.is_err() {
                    return;
                }
            }
            said = socket.next() => {
                if !matches!(said, Some(Ok(_))) {
                    return;
                }
            }
        }
    }
}

async fn open(file: &str) -> sqlx::Result<SqlitePool> {
    let options = SqliteConnectOptions::new().filename(file);
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let pool = SqlitePoolOptions::new()
        .max_connections(8)
        .test_before_acquire(false);
    let database = pool.connect_with(options).await?;
    let table = "CREATE TABLE products (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, \
                 name varchar NOT NULL, price integer NOT NULL, department integer NOT NULL)";
    sqlx::query(table).execute(&database).await?;
    let rows = "WITH RECURSIVE ids(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < ?) \
                INSERT INTO products SELECT id, 'product ' || id, 0, id % ? FROM ids";
    let rows = sqlx::query(rows).bind(ROWS).bind(DEPARTMENTS);
    rows.execute(&database).await?;
    Ok(database)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(2).ok_or("axum-live PORT FILE")?;
    let products = Products {
        database: open(&file).await?,
        events: channel(EVENTS).0,
    };
    let app = Router::new()
        .route("/api/products/{id}", patch(change))
        .route("/ws/products", get(watch))
        .with_state(products);
    let listener = peers::listen().await?.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("cannot switch Nagle's delay off: {error}");
        }
    });
    axum::serve(listener, app).await?;
    Ok(())
}
