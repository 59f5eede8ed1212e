//! ModelHandler: what an application does on the socket of one of its models.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;

use sea_orm::{DatabaseConnection, EntityTrait, QueryFilter, Select};
use serde_json::json;
use sockeye::{Disconnect, Event, Gap, Peer};

use crate::error::Result;
use crate::resource::Resource;
use crate::rights::Operation;
use crate::writer::Writer;

/// Handles what clients send to `/ws/{table}` beside their subscriptions, which are not its business: one value for each
/// connection, bound to the model `Entity`. Every hook has a default.
///
/// The hooks run as those of [`sockeye::Handler`] do, in the same order and with the same cancel safety: those of one
/// connection one after the other, those of different connections at the same time. Errors of `on_connect` and
/// `on_message` close the connection with 1011, [`sockeye::Error::refused`] with 4000 + its status.
///
/// ```
/// use sea_orm::PaginatorTrait;
/// use serde_json::json;
/// use sockeye_live::{ModelContext, ModelHandler};
/// # mod product {
/// #     use sea_orm::entity::prelude::*;
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "products")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub department: String, pub price: i32, }
/// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// #     pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
///
/// struct Counting;
///
/// impl ModelHandler for Counting {
///     type Entity = product::Entity;
///
///     async fn on_message(&mut self, cx: &mut ModelContext<'_, product::Entity>, _: String) -> sockeye::Result<()> {
///         let visible = cx.find().await?.count(cx.database()).await?;
///         cx.send(json!({ "result": visible }));
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler of a model",
    note = "write `impl ModelHandler for {Self}` with `type Entity = ..`, the entity whose socket it serves"
)]
pub trait ModelHandler: Sized + Send + 'static {
    /// The model that it is bound to.
    type Entity: EntityTrait;

    /// Runs before the first message. Logs the connection by default.
    fn on_connect(
        &mut self,
        cx: &mut ModelContext<'_, Self::Entity>,
    ) -> impl Future<Output = sockeye::Result<()>> + Send {
        tracing::info!(model = cx.model(), connection = %cx.id(), "a client has come");
        async { Ok(()) }
    }

    /// Handles one message as it came. Answers `{"message":"Received","data":<text>}` by default.
    fn on_message(
        &mut self,
        cx: &mut ModelContext<'_, Self::Entity>,
        message: String,
    ) -> impl Future<Output = sockeye::Result<()>> + Send {
        cx.send(json!({ "message": "Received", "data": message }));
        async { Ok(()) }
    }

    /// Hears an [event](sockeye::Group::notify) of a group that it has joined itself. Sent on to the client by default.
    fn on_event(
        &mut self,
        cx: &mut ModelContext<'_, Self::Entity>,
        event: Event,
    ) -> impl Future<Output = sockeye::Result<()>> + Send {
        let sent = cx.try_send(event);
        async { sent }
    }

    /// Hears of messages that were lost in a group that it has joined itself. Does nothing by default.
    fn on_gap(
        &mut self,
        cx: &mut ModelContext<'_, Self::Entity>,
        gap: Gap,
    ) -> impl Future<Output = sockeye::Result<()>> + Send {
        let _ = (cx, gap);
        async { Ok(()) }
    }

    /// Runs once for every connection whose `on_connect` began. Logs the end by default.
    fn on_disconnect(
        &mut self,
        cx: &mut ModelContext<'_, Self::Entity>,
        disconnect: Disconnect,
    ) -> impl Future<Output = ()> + Send {
        tracing::info!(model = cx.model(), connection = %cx.id(), %disconnect, "a client has gone");
        async {}
    }
}

/// The handler of a model that is given none: all defaults.
pub struct Received<E>(PhantomData<fn() -> E>);

impl<E> Default for Received<E> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<E> fmt::Debug for Received<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Received")
    }
}

impl<E: EntityTrait> ModelHandler for Received<E> {
    type Entity = E;
}

/// A connection to a model's socket, with the database at hand. Everything about the client is on [`Peer`], to which this
/// dereferences: `send` for text and JSON values, which never fails the handler, and `try_send`, which gives the error.
pub struct ModelContext<'a, E> {
    peer: &'a Peer,
    resource: &'a Resource,
    entity: PhantomData<fn() -> E>,
}

impl<'a, E: EntityTrait> ModelContext<'a, E> {
    pub(crate) fn new(peer: &'a Peer, resource: &'a Resource) -> Self {
        let entity = PhantomData;
        Self {
            peer,
            resource,
            entity,
        }
    }

    /// The model's name, which is that of its table.
    #[must_use]
    pub fn model(&self) -> &str {
        self.resource.table.name()
    }

    /// The database. What is read through it knows of no rights: see [`find`](Self::find).
    #[must_use]
    pub fn database(&self) -> &DatabaseConnection {
        &self.resource.database
    }

    /// A query of the rows that this user may read, to be narrowed and run on [`database`](Self::database).
    ///
    /// # Errors
    /// `SignedOut` and `Forbidden` when the user may not read here; `Database`.
    pub async fn find(&self) -> Result<Select<E>> {
        let handshake = self.peer.handshake();
        self.resource
            .guard
            .permit(Operation::Read, handshake)
            .await?;
        let rows = self.resource.rows_of(handshake).await?;
        let backend = self.resource.database.get_database_backend();
        Ok(E::find().filter(rows.condition(backend)))
    }

    /// Begins a transaction whose changes reach all who watch.
    ///
    /// # Errors
    /// `Database`.
    pub async fn writer(&self) -> Result<Writer> {
        self.resource.writer().await
    }
}

impl<E> Deref for ModelContext<'_, E> {
    type Target = Peer;

    fn deref(&self) -> &Peer {
        self.peer
    }
}

impl<E> fmt::Debug for ModelContext<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelContext")
            .field("model", &self.resource.table.name())
            .field("peer", &self.peer)
            .finish()
    }
}
