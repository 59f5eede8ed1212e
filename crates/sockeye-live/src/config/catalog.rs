//! Catalog: the models, handlers and permissions that a file may name.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;

use sea_orm::{ActiveModelBehavior, EntityTrait, IdenStatic, IntoActiveModel, Iterable};
use serde_json::Value;
use sockeye::{NoUser, Permission};

use crate::config::permission::Named;
use crate::config::settings::Settings;
use crate::config::{ModelsConfig, fault, listed};
use crate::error::Result;
use crate::model::{Model, Planned};
use crate::socket::ModelHandler;

/// The models, handlers and permissions that a configuration file may name. What is none of these cannot get in: it does
/// not compile.
///
/// ```
/// use sockeye::{AllowAny, IsAuthenticated, bearer};
/// use sockeye_live::{Live, ModelCatalog, Models, ModelsConfig, Received, connect};
/// # mod product {
/// #     use sea_orm::entity::prelude::*;
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "products")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub price: i32, }
/// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// #     pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # mod order {
/// #     use sea_orm::entity::prelude::*;
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "orders")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, }
/// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// #     pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
///
/// # async fn start(config: &ModelsConfig) -> sockeye_live::Result<Live> {
/// # async fn verify(token: String) -> Option<String> {
/// #     Some(token)
/// # }
/// let catalog = ModelCatalog::new()
///     .model::<product::Entity>(|products| products)
///     .model::<order::Entity>(|orders| orders.page_size(20))
///     .handler("plain", Received::<product::Entity>::default)
///     .permission("anyone", AllowAny)
///     .permission("member", IsAuthenticated);
/// let database = connect("sqlite://inventory.db?mode=rwc").await?;
/// Models::new(&database).authenticate(bearer(verify)).configure(config, &catalog)?.start().await
/// # }
/// ```
pub struct ModelCatalog<U = NoUser> {
    models: BTreeMap<String, Box<dyn Configured<U>>>,
    handlers: BTreeMap<String, Vec<Handler>>,
    permissions: BTreeMap<String, Named<U>>,
}

/// A handler with the model that it serves.
struct Handler {
    model: String,
    /// A [`Describe`] for the entity that the handler is bound to.
    give: Box<dyn Any + Send + Sync>,
}

/// Decides something about a model.
type Describe<E, U> = Box<dyn Fn(Model<E, U>) -> Model<E, U> + Send + Sync>;

impl<U: Sync + 'static> ModelCatalog<U> {
    /// An empty catalog.
    #[must_use]
    pub fn new() -> Self {
        Self {
            models: BTreeMap::new(),
            handlers: BTreeMap::new(),
            permissions: BTreeMap::new(),
        }
    }

    /// Offers a model by the name of its table, with what the program decides about it; the file has the last word on what it
    /// names itself. A model that the file does not name is not served.
    #[must_use]
    pub fn model<E>(
        mut self,
        describe: impl Fn(Model<E, U>) -> Model<E, U> + Send + Sync + 'static,
    ) -> Self
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<E::ActiveModel> + Sync,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        let describe: Describe<E, U> = Box::new(describe);
        self.models.insert(table_name::<E>(), Box::new(describe));
        self
    }

    /// Offers a handler by a name, for the model that it is bound to. Handlers of several models may have one name; of those
    /// of one model the last counts.
    #[must_use]
    pub fn handler<H: ModelHandler>(
        mut self,
        name: impl Into<String>,
        make: impl Fn() -> H + Clone + Send + Sync + 'static,
    ) -> Self {
        let give: Describe<H::Entity, U> = Box::new(move |model| model.handler(make.clone()));
        let handler = Handler {
            model: table_name::<H::Entity>(),
            give: Box::new(give),
        };
        self.handlers.entry(name.into()).or_default().push(handler);
        self
    }

    /// Offers a permission by a name; the last of a name counts.
    #[must_use]
    pub fn permission(mut self, name: impl Into<String>, permission: impl Permission<U>) -> Self {
        self.permissions.insert(name.into(), Named::new(permission));
        self
    }

    /// The models that a configuration names.
    pub(crate) fn plan(&self, config: &ModelsConfig) -> Result<Vec<Box<dyn Planned<U>>>> {
        let planned = config.0.iter().map(|(model, value)| {
            let configured = self.models.get(model).ok_or_else(|| {
                let known = listed(self.models.keys().map(String::as_str));
                fault(
                    model,
                    &format!("the program offers no such model, expected {known}"),
                )
            })?;
            configured.plan(value, self)
        });
        planned.collect()
    }

    fn find_handler<E: EntityTrait>(&self, model: &str, name: &str) -> Result<&Describe<E, U>> {
        let named = self.handlers.get(name).ok_or_else(|| {
            let fits =
                |handlers: &&Vec<Handler>| handlers.iter().any(|handler| handler.model == model);
            let fitting = self.handlers.iter().filter(|(_, handlers)| fits(handlers));
            let known = listed(fitting.map(|(name, _)| name.as_str()));
            fault(model, &format!("found handler {name:?}, expected {known}"))
        })?;
        let mut fitting = named
            .iter()
            .rev()
            .filter_map(|handler| handler.give.downcast_ref());
        fitting.next().ok_or_else(|| {
            let models = listed(named.iter().map(|handler| handler.model.as_str()));
            fault(
                model,
                &format!(
                    "found handler {name:?}, which serves {models}, expected a handler of `{model}`"
                ),
            )
        })
    }

    fn find_permission(&self, model: &str, name: &str) -> Result<Named<U>> {
        self.permissions.get(name).cloned().ok_or_else(|| {
            let known = listed(self.permissions.keys().map(String::as_str));
            fault(
                model,
                &format!("found permission {name:?}, expected {known}"),
            )
        })
    }
}

/// A model of any entity, that waits for what a file says of it.
trait Configured<U>: Send + Sync {
    fn plan(&self, value: &Value, catalog: &ModelCatalog<U>) -> Result<Box<dyn Planned<U>>>;
}

impl<E, U> Configured<U> for Describe<E, U>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Sync,
    E::ActiveModel: ActiveModelBehavior + Send,
    U: Sync + 'static,
{
    fn plan(&self, value: &Value, catalog: &ModelCatalog<U>) -> Result<Box<dyn Planned<U>>> {
        let name = table_name::<E>();
        let settings = Settings::read(&name, value)?;
        let mut model = self(Model::<E, U>::new());
        if let Some(rows) = settings.page_size {
            model = model.page_size(rows);
        }
        if let Some(rows) = settings.max_page_size {
            model = model.max_page_size(rows);
        }
        if let Some(handler) = &settings.handler {
            model = catalog.find_handler::<E>(&name, handler)?(model);
        }
        if let Some(on) = settings.socket {
            model = model.socket(on);
        }
        model = model.hide(columns::<E>(&name, "hidden", &settings.hidden)?);
        model = model.read_only(columns::<E>(&name, "read_only", &settings.read_only)?);
        for (operation, permission) in settings.permissions.named() {
            model = model.permit(operation, catalog.find_permission(&name, permission)?);
        }
        Ok(Box::new(model))
    }
}

fn table_name<E: EntityTrait>() -> String {
    E::default().table_name().to_owned()
}

/// The columns of these names.
fn columns<E: EntityTrait>(model: &str, key: &str, names: &[String]) -> Result<Vec<E::Column>> {
    let column = |name: &String| {
        let found = E::Column::iter().find(|column| column.as_str() == name);
        found.ok_or_else(|| {
            let known: Vec<_> = E::Column::iter().collect();
            let known = listed(known.iter().map(IdenStatic::as_str));
            fault(
                model,
                &format!("`{key}`: found column {name:?}, expected {known}"),
            )
        })
    };
    names.iter().map(column).collect()
}

impl<U: Sync + 'static> Default for ModelCatalog<U> {
    fn default() -> Self {
        Self::new()
    }
}

impl<U> fmt::Debug for ModelCatalog<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelCatalog")
            .field("models", &self.models.keys())
            .field("handlers", &self.handlers.keys())
            .field("permissions", &self.permissions.keys())
            .finish()
    }
}
