//! Models: the live models of a program, put together before they start.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use sea_orm::{ActiveModelBehavior, DatabaseConnection, EntityTrait, IntoActiveModel};
use sockeye::{Authenticator, NoUser};
use tokio::sync::watch;

use crate::config::{ModelCatalog, ModelsConfig};
use crate::error::{Error, ErrorKind, Result};
use crate::feed::{Counters, Feed, Pace, Place, Stream};
use crate::live::Live;
use crate::log::{Log, Wake};
use crate::model::{Model, Planned, Served};
use crate::options::LiveOptions;
use crate::rights::Authentication;
use crate::snapshots::Snapshots;
use crate::table::Table;

/// The models of a database, each with what was decided about it: who may do what, which rows and columns are whose, which
/// handler serves its socket. `U` is the type of their users, [`NoUser`] where nobody signs in.
///
/// ```
/// use sockeye::{IsAuthenticated, bearer};
/// use sockeye_live::{Live, Models, Operation, connect};
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
///
/// # async fn start() -> sockeye_live::Result<Live> {
/// async fn verify(token: String) -> Option<String> {
///     (token == "secret").then(|| "ada".to_owned())
/// }
///
/// let database = connect("sqlite://inventory.db?mode=rwc").await?;
/// let live = Models::new(&database)
///     .authenticate(bearer(verify))
///     .model::<product::Entity>(|products| products.permit(Operation::Delete, IsAuthenticated).page_size(50))
///     .model::<order::Entity>(|orders| orders.permit(Operation::Read, IsAuthenticated).socket(false))
///     .start()
///     .await?;
/// # Ok(live)
/// # }
/// ```
pub struct Models<U = NoUser> {
    database: DatabaseConnection,
    authentication: Authentication,
    options: LiveOptions,
    planned: Vec<Box<dyn Planned<U>>>,
}

impl Models {
    /// No models yet, of nobody in particular.
    #[must_use]
    pub fn new(database: &DatabaseConnection) -> Self {
        Self::of(database, Authentication::none(), LiveOptions::default())
    }

    /// Asks who a client is, by REST and on sockets alike. Before any model is added, as they are of these users then. Who
    /// is not recognised is nobody, whom the permissions judge; credentials that are wrong are refused with 401.
    ///
    /// # Panics
    /// When a model was added already.
    #[must_use]
    #[track_caller]
    pub fn authenticate<M: 'static, A>(self, authenticator: A) -> Models<A::User>
    where
        A: Authenticator<DatabaseConnection, M>,
    {
        assert!(
            self.planned.is_empty(),
            "call `authenticate` before `model`: models are added for the users that it finds"
        );
        Models::of(
            &self.database,
            Authentication::new(authenticator),
            self.options,
        )
    }
}

impl<U: Sync + 'static> Models<U> {
    fn of(
        database: &DatabaseConnection,
        authentication: Authentication,
        options: LiveOptions,
    ) -> Self {
        Self {
            database: database.clone(),
            authentication,
            options,
            planned: Vec::new(),
        }
    }

    /// Sets limits and times that are those of all models.
    #[must_use]
    pub fn options(mut self, options: LiveOptions) -> Self {
        self.options = options;
        self
    }

    /// Adds a model, whose name is that of its table, with what `describe` decides about it.
    #[must_use]
    pub fn model<E>(mut self, describe: impl FnOnce(Model<E, U>) -> Model<E, U>) -> Self
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<E::ActiveModel> + Sync,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        self.planned.push(Box::new(describe(Model::new())));
        self
    }

    /// Adds the models that a configuration file names, as the program offers them in a catalog, with what the file decides
    /// about them.
    ///
    /// # Errors
    /// `Configuration`, which tells the model, what was found and what was expected.
    pub fn configure(mut self, config: &ModelsConfig, catalog: &ModelCatalog<U>) -> Result<Self> {
        self.planned.extend(catalog.plan(config)?);
        Ok(self)
    }

    /// Makes the tables of the log where they are missing, and starts to read it. The tables of the models are the
    /// program's own, and must be there.
    ///
    /// # Errors
    /// `Configuration` when a model cannot be served as it was described; `Database`.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn start(self) -> Result<Live> {
        self.options.check()?;
        let log = Log::new(&self.database);
        log.install().await?;
        let extent = Log::extent(&self.database).await?;
        let wake = Wake::default();
        let (place, places) = watch::channel(extent.last);
        let start = Start {
            database: self.database.clone(),
            authentication: self.authentication,
            snapshots: Snapshots::new(self.options.snapshot_rows),
            options: self.options,
            place: Place {
                place: places,
                wake: wake.clone(),
            },
            counters: Arc::new(Counters::default()),
        };
        let served = serve(self.planned, &start).await?;
        let streams = served.iter().map(|served| {
            let resource = &served.resource;
            let table = Arc::clone(&resource.table);
            (
                table.name().to_owned(),
                (table, Arc::clone(&resource.stream)),
            )
        });
        let feed = Feed {
            log,
            listener: wake.listen(),
            pace: Pace {
                poll: start.options.poll,
                retention: start.options.retention,
            },
            streams: streams.collect::<HashMap<_, _>>(),
            epoch: extent.epoch,
            place,
            counters: Arc::clone(&start.counters),
        };
        Ok(Live::new(start, served, feed))
    }
}

/// What all models start with.
pub(crate) struct Start {
    pub(crate) database: DatabaseConnection,
    pub(crate) authentication: Authentication,
    pub(crate) options: LiveOptions,
    pub(crate) snapshots: Snapshots,
    pub(crate) place: Place,
    pub(crate) counters: Arc<Counters>,
}

impl Start {
    /// The stream of a table from now on.
    pub(crate) fn stream(&self, table: &Arc<Table>) -> Arc<Stream> {
        let (table, counters) = (Arc::clone(table), Arc::clone(&self.counters));
        Arc::new(Stream::new(table, self.place.now(), counters))
    }
}

async fn serve<U>(planned: Vec<Box<dyn Planned<U>>>, start: &Start) -> Result<Vec<Served>> {
    let mut served: Vec<Served> = Vec::with_capacity(planned.len());
    for planned in planned {
        let next = planned.serve(start).await?;
        let name = next.resource.table.name();
        if served
            .iter()
            .any(|known| known.resource.table.name() == name)
        {
            let text = format!("cannot start: the model `{name}` was added twice");
            return Err(Error::new(ErrorKind::Configuration, text));
        }
        served.push(next);
    }
    Ok(served)
}

impl<U> fmt::Debug for Models<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Models")
            .field("models", &self.planned.len())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
