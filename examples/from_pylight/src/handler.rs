//! Handlers: those of Pylight's page, each bound to a model.

use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use sockeye::{Disconnect, Error, Result};
use sockeye_live::{ModelContext, ModelHandler};

use crate::entity::{customer, order, payment};

/// A handler of one's own. Every hook but the ones that are written has a default.
pub(crate) struct Custom;

impl ModelHandler for Custom {
    type Entity = order::Entity;

    async fn on_connect(&mut self, cx: &mut ModelContext<'_, order::Entity>) -> Result<()> {
        cx.send(json!({ "status": "connected" }));
        Ok(())
    }

    async fn on_message(
        &mut self,
        cx: &mut ModelContext<'_, order::Entity>,
        message: String,
    ) -> Result<()> {
        let data: Value = serde_json::from_str(&message)?;
        cx.send("Hello, client!");
        cx.send(json!({ "echo": data }));
        Ok(())
    }

    async fn on_disconnect(
        &mut self,
        cx: &mut ModelContext<'_, order::Entity>,
        disconnect: Disconnect,
    ) {
        tracing::info!(model = cx.model(), %disconnect, "a client has left");
    }
}

/// A handler that asks the database for what its client names.
pub(crate) struct Database;

impl ModelHandler for Database {
    type Entity = customer::Entity;

    async fn on_message(
        &mut self,
        cx: &mut ModelContext<'_, customer::Entity>,
        message: String,
    ) -> Result<()> {
        let found = cx.find().await?.filter(customer::Column::Name.eq(message));
        let found = found.one(cx.database()).await?;
        cx.send(json!({ "result": found.map(|customer| customer.id) }));
        Ok(())
    }
}

/// A handler that fails where its client tells it to.
pub(crate) struct Fragile;

impl ModelHandler for Fragile {
    type Entity = payment::Entity;

    async fn on_connect(&mut self, cx: &mut ModelContext<'_, payment::Entity>) -> Result<()> {
        match cx.query().get("fail") {
            Some(_) => Err(Error::new("on_connect failed")),
            None => Ok(()),
        }
    }

    async fn on_message(
        &mut self,
        cx: &mut ModelContext<'_, payment::Entity>,
        message: String,
    ) -> Result<()> {
        if message == "fail" {
            return Err(Error::new("on_message failed"));
        }
        cx.try_send(json!(message))
    }
}
