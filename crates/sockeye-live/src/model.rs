//! Model: what is decided about one model.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use sea_orm::{
    ActiveModelBehavior, DatabaseConnection, EntityTrait, IdenStatic, IntoActiveModel, QuerySelect,
};
use sockeye::{Access, Endpoint, Faults, NoUser, Permission, endpoint};

use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;
use crate::models::Start;
use crate::resource::Resource;
use crate::rights::{Guard, Operation, Operations, Rights, Rows};
use crate::socket::{ModelHandler, ModelSocket, Received};
use crate::store::{Check, EntityStore};
use crate::table::Table;

/// What is decided about one model: as [`Models::model`](crate::Models::model) hands it out, it has the defaults.
///
/// An operation without a permission is for everybody who is signed in, and for everybody where nobody can sign in.
pub struct Model<E: EntityTrait, U> {
    rights: Rights<U>,
    limits: Limits,
    checks: Vec<Check<E>>,
    has_socket: bool,
    make_socket: MakeSocket,
}

/// Makes the endpoint of a model's socket.
type MakeSocket = Box<dyn FnOnce(Arc<Resource>) -> Endpoint<DatabaseConnection> + Send>;

impl<E: EntityTrait, U: Sync + 'static> Model<E, U> {
    pub(crate) fn new() -> Self {
        Self {
            rights: Rights::new(),
            limits: Limits::default(),
            has_socket: true,
            make_socket: make_socket(Received::<E>::default),
            checks: Vec::new(),
        }
    }

    /// Says who may do something: `permit(Operation::WRITES, IsStaff)`. The last word on an operation counts.
    #[must_use]
    pub fn permit(mut self, operations: impl Operations, permission: impl Permission<U>) -> Self {
        self.rights.permit(operations, permission);
        self
    }

    /// Says which rows are whose, to read and to write. All are everybody's otherwise.
    #[must_use]
    pub fn rows(mut self, rows: impl Rows<U>) -> Self {
        self.rights.rows(rows);
        self
    }

    /// Hides columns from everybody: they are in no answer and no event, and cannot be written, filtered or sorted by.
    #[must_use]
    pub fn hide(mut self, columns: impl IntoIterator<Item = E::Column>) -> Self {
        self.rights.hide(names(columns));
        self
    }

    /// Hides columns from some: gives those that a user may not see. The key's are always seen.
    #[must_use]
    pub fn hide_from<I: IntoIterator<Item = E::Column>>(
        mut self,
        columns: impl Fn(Option<&U>) -> I + Send + Sync + 'static,
    ) -> Self {
        self.rights
            .hide_from(move |user| names(columns(user)).collect());
        self
    }

    /// Columns that clients see and cannot write.
    #[must_use]
    pub fn read_only(mut self, columns: impl IntoIterator<Item = E::Column>) -> Self {
        self.rights.read_only(names(columns));
        self
    }

    /// Has every row that a client writes judged before it is committed; what is wrong with it is answered with 422.
    #[must_use]
    pub fn validate(
        mut self,
        check: impl Fn(&E::Model) -> Result<(), Faults> + Send + Sync + 'static,
    ) -> Self {
        self.checks.push(Box::new(check));
        self
    }

    /// Rows of a page where the client does not say how many. 50.
    #[must_use]
    pub fn page_size(mut self, rows: u64) -> Self {
        self.limits.page_size = rows;
        self
    }

    /// Rows of a page that a client may ask for at most. 500.
    #[must_use]
    pub fn max_page_size(mut self, rows: u64) -> Self {
        self.limits.max_page_size = rows;
        self
    }

    /// Bytes of a request's body at most; what is longer is refused with 413. 256 KiB: what was written stays in memory among the changes that
    /// feeds remember.
    #[must_use]
    pub fn body_bytes(mut self, bytes: usize) -> Self {
        self.limits.body_bytes = bytes;
        self
    }

    /// Whether the model has a socket; it has without this.
    #[must_use]
    pub fn socket(mut self, on: bool) -> Self {
        self.has_socket = on;
        self
    }

    /// Gives the socket a handler of the application's own, made for each connection.
    ///
    /// ```compile_fail,E0271
    /// # use sockeye_live::{Models, Received};
    /// # mod product {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "products")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub department: String, pub price: i32, }
    /// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    /// #     pub enum Relation {}
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # mod order {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "orders")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub product_id: i32, }
    /// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    /// #     pub enum Relation {}
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # fn of(models: Models) {
    /// // A handler of orders cannot serve products.
    /// models.model::<product::Entity>(|products| products.handler(Received::<order::Entity>::default));
    /// # }
    /// ```
    #[must_use]
    pub fn handler<H: ModelHandler<Entity = E>>(
        mut self,
        make: impl Fn() -> H + Send + Sync + 'static,
    ) -> Self {
        self.make_socket = make_socket(make);
        self
    }
}

fn names<C: IdenStatic>(columns: impl IntoIterator<Item = C>) -> impl Iterator<Item = String> {
    columns.into_iter().map(|column| column.as_str().to_owned())
}

fn make_socket<H: ModelHandler>(make: impl Fn() -> H + Send + Sync + 'static) -> MakeSocket {
    Box::new(move |resource| endpoint(move || ModelSocket::new(Arc::clone(&resource), make())))
}

impl<E, U> Planned<U> for Model<E, U>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Sync,
    E::ActiveModel: ActiveModelBehavior + Send,
    U: Sync + 'static,
{
    fn serve<'a>(
        self: Box<Self>,
        start: &'a Start,
    ) -> Pin<Box<dyn Future<Output = Result<Served>> + Send + 'a>> {
        Box::pin(async move {
            probe::<E>(&start.database).await?;
            self.served(start)
        })
    }
}

impl<E, U> Model<E, U>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Sync,
    E::ActiveModel: ActiveModelBehavior + Send,
    U: Sync + 'static,
{
    fn served(self, start: &Start) -> Result<Served> {
        let table = Arc::new(Table::of::<E>()?);
        check_name(table.name())?;
        self.limits.check(table.name())?;
        let store = EntityStore::<E>::new(Arc::clone(&table), self.checks);
        let guard = self.rights.into_guard(&table, &start.authentication)?;
        let resource = Arc::new(Resource {
            store: Arc::new(store),
            guard: Arc::clone(&guard),
            stream: start.stream(&table),
            place: start.place.clone(),
            database: start.database.clone(),
            authentication: start.authentication.clone(),
            snapshots: start.snapshots.clone(),
            limits: self.limits,
            table,
        });
        let socket = self.has_socket.then(|| {
            let endpoint = (self.make_socket)(Arc::clone(&resource));
            let endpoint = start.authentication.guard(endpoint);
            endpoint.permit(MayRead(guard))
        });
        Ok(Served { resource, socket })
    }
}

/// Finds out at once whether the database has the table as the entity has it.
async fn probe<E: EntityTrait>(database: &DatabaseConnection) -> Result<()> {
    let read = E::find().limit(0).all(database).await;
    read.map(drop).map_err(|error| {
        let model = E::default().table_name().to_owned();
        let text = format!(
            "cannot serve `{model}`: its table cannot be read as the entity has it: {error}"
        );
        Error::new(ErrorKind::Configuration, text)
    })
}

/// Names are parts of paths and patterns.
fn check_name(name: &str) -> Result<()> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if name.is_empty() || !name.chars().all(fits) {
        let text = format!(
            "cannot serve the table {name:?}: its name is part of paths, where letters, digits, `_` and `-` are taken"
        );
        return Err(Error::new(ErrorKind::Configuration, text));
    }
    Ok(())
}

/// Lets those in who may read, as long as they may.
struct MayRead(Arc<dyn Guard>);

impl Permission<NoUser> for MayRead {
    async fn check(&self, access: &Access<'_, NoUser>) -> sockeye::Result<bool> {
        let judged = self.0.permit(Operation::Read, access.handshake).await;
        match judged {
            Ok(()) => Ok(true),
            // Not for the client's eyes.
            Err(error) if error.is_internal() => Err(error.into()),
            Err(error) => Err(sockeye::Error::refused(error.status(), error.to_string())),
        }
    }
}

/// A model of any entity, that waits for the start.
pub(crate) trait Planned<U>: Send {
    fn serve<'a>(
        self: Box<Self>,
        start: &'a Start,
    ) -> Pin<Box<dyn Future<Output = Result<Served>> + Send + 'a>>;
}

/// A model that has started.
pub(crate) struct Served {
    pub(crate) resource: Arc<Resource>,
    pub(crate) socket: Option<Endpoint<DatabaseConnection>>,
}

impl<E: EntityTrait, U> fmt::Debug for Model<E, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model")
            .field("table", &E::default().table_name())
            .field("limits", &self.limits)
            .field("socket", &self.has_socket)
            .finish_non_exhaustive()
    }
}
