//! Shop: a server of the shop's models on a database of its own.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::{env, fs, process};

use sea_orm::{ConnectionTrait, DatabaseConnection, Schema};
use sockeye::{
    Access, AllowAny, Fault, FaultKind, Faults, Place, Router, Server, ServerHandle, bearer,
};
use sockeye_live::{Filter, Models, Operation, column};

use crate::rest::client::Client;
use crate::rest::models::{order, product, shelf};

/// A server, and who asks it. Orders are their owner's, and the staff's; products are everybody's to see and the staff's
/// to write; shelves are everybody's.
pub(crate) struct Shop {
    pub(crate) client: Client,
    pub(crate) database: DatabaseConnection,
    server: ServerHandle,
    folder: Option<PathBuf>,
}

static MADE: AtomicU32 = AtomicU32::new(0);

impl Shop {
    /// On a file of SQLite.
    pub(crate) async fn new() -> Self {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("sockeye-live-it-{}-{number}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let url = format!("sqlite:{}?mode=rwc", folder.join("live.db").display());
        let mut shop = Self::at(&url).await;
        shop.folder = Some(folder);
        shop
    }

    /// On any database without tables.
    pub(crate) async fn at(url: &str) -> Self {
        let database = sockeye_live::connect(url).await.unwrap();
        make_tables(&database).await;
        let live = models(&database).start().await.unwrap();
        let routes = Router::new().nest("/", live.routes());
        let server = Server::bind("127.0.0.1:0").await.unwrap();
        let client = Client::new(server.address().unwrap());
        let handle = server.handle();
        tokio::spawn(server.run(routes));
        Self {
            client,
            database,
            server: handle,
            folder: None,
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.server.stop();
        if let Some(folder) = &self.folder {
            // What cannot be removed is left to the system, which clears its temporary folder.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// One shop on each database.
pub(crate) async fn everywhere() -> [Shop; 2] {
    [
        Shop::new().await,
        Shop::at(&fixtures::Postgres::fresh().await).await,
    ]
}

async fn make_tables(database: &DatabaseConnection) {
    let schema = Schema::new(database.get_database_backend());
    for kind in schema.create_enum_from_entity(product::Entity) {
        database.execute(&kind).await.unwrap();
    }
    for table in [
        schema.create_table_from_entity(product::Entity),
        schema.create_table_from_entity(order::Entity),
        schema.create_table_from_entity(shelf::Entity),
    ] {
        database.execute(&table).await.unwrap();
    }
}

/// Every token but `unknown` is the name of its user; names that begin with `staff` are the staff's.
async fn verify(token: String) -> Option<String> {
    (token != "unknown").then_some(token)
}

fn is_staff(user: Option<&String>) -> bool {
    user.is_some_and(|user| user.starts_with("staff"))
}

/// A rule of the shop that the database does not know.
fn priced(product: &product::Model) -> Result<(), Faults> {
    if product.price >= 0 {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::ValueError,
        [Place::key("price")],
        "nothing costs less than nothing",
    )
    .into())
}

fn models(database: &DatabaseConnection) -> Models<String> {
    Models::new(database)
        .authenticate(bearer(verify))
        .model::<product::Entity>(|products| {
            products
                .permit(Operation::Read, may_see)
                .permit(Operation::WRITES, of_staff)
                .hide([product::Column::Cost])
                .read_only([product::Column::Sold])
                .validate(priced)
        })
        .model::<order::Entity>(|orders| orders.rows(own))
        .model::<shelf::Entity>(|shelves| shelves.permit(Operation::ALL, AllowAny))
}

/// Who leaves may the first time that it is asked, and never again.
async fn of_staff(access: &Access<'_, String>) -> sockeye::Result<bool> {
    static LEFT: AtomicBool = AtomicBool::new(false);
    let leaves = access.user.is_some_and(|user| user == "staff-leaving");
    Ok(is_staff(access.user) && !(leaves && LEFT.swap(true, Ordering::Relaxed)))
}

async fn may_see(access: &Access<'_, String>) -> sockeye::Result<bool> {
    Ok(access.user.is_none_or(|user| user != "staff-blind"))
}

fn own(user: Option<&String>) -> Filter {
    match user {
        Some(_) if is_staff(user) => Filter::all(),
        Some(user) => column(order::Column::Owner).eq(user.as_str()),
        None => Filter::none(),
    }
}
