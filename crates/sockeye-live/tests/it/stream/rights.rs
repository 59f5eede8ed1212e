//! Rights that change while somebody watches.

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set};
use serde_json::{Value, json};
use sockeye::bearer;
use sockeye_live::{Filter, Models, Rows, column};

use crate::harness::entities::{grant, product};
use crate::harness::{Base, House, on_each};

/// The products of the departments that are granted to a user.
pub(crate) struct Granted;

impl Rows<String> for Granted {
    async fn rows(
        &self,
        user: Option<&String>,
        transaction: &DatabaseTransaction,
    ) -> sockeye::Result<Filter> {
        let Some(user) = user else {
            return Ok(Filter::none());
        };
        let granted = grant::Entity::find().filter(grant::Column::User.eq(user));
        let granted = granted.all(transaction).await?;
        let departments = granted.into_iter().map(|grant| grant.department);
        Ok(column(product::Column::Department).is_in(departments))
    }
}

pub(crate) async fn anybody(token: String) -> Option<String> {
    Some(token)
}

pub(crate) fn models(base: &Base) -> Models<String> {
    Models::new(&base.database)
        .authenticate(bearer(anybody))
        .model::<product::Entity>(|products| products.rows(Granted))
}

impl House {
    async fn grant(&self, user: &str, department: &str) {
        let mut writer = self.live.writer().await.unwrap();
        let grant = grant::ActiveModel {
            user: Set(user.to_owned()),
            department: Set(department.to_owned()),
        };
        writer.insert(grant).await.unwrap();
        writer.recheck(user).unwrap();
        writer.commit().await.unwrap();
    }

    async fn revoke(&self, user: &str, department: &str) {
        let mut writer = self.live.writer().await.unwrap();
        let grant = grant::ActiveModel {
            user: Set(user.to_owned()),
            department: Set(department.to_owned()),
        };
        writer.delete(grant).await.unwrap();
        writer.recheck(user).unwrap();
        writer.commit().await.unwrap();
    }
}

fn departments(rows: &Value) -> Vec<&str> {
    let rows = rows["data"].as_array().unwrap().iter();
    rows.map(|row| row["department"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_view_is_made_anew_when_the_rights_of_its_user_change() {
    on_each(async |base| {
        let house = House::of(models(&base)).await;
        let ids = house.add_products(2).await;
        house.grant("ada", "fruit").await;
        house.grant("bob", "fruit").await;
        let mut ada = house.watch_as("products", "ada").await;
        let mut bob = house.watch_as("products", "bob").await;
        for client in [&mut ada, &mut bob] {
            client.subscribe("products", json!({ "rows": true })).await;
            assert_eq!(departments(&client.json().await), ["fruit"]);
        }
        let stats = house.live.stats().await;
        assert_eq!((stats.views, stats.subscribers), (1, 2));

        house.grant("ada", "tools").await;
        assert_eq!(ada.json().await["event"], "reset");
        assert_eq!(departments(&ada.json().await), ["fruit", "tools"]);
        house.revoke("ada", "fruit").await;
        // Nothing of what it may not see any more is told, though it is written at once.
        house.set_price(ids[0], 8).await;
        house.set_price(ids[1], 9).await;
        assert_eq!(ada.json().await["event"], "reset");
        let rows = ada.json().await;
        assert_eq!(departments(&rows), ["tools"]);
        if rows["data"][0]["price"] != 9 {
            assert_eq!(ada.json().await["data"]["price"], 9);
        }
        house.settled().await;
        ada.is_quiet().await;
        // Who shared the view is not touched.
        assert_eq!(bob.json().await["data"]["price"], 8);
        bob.is_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn who_may_not_read_any_more_is_told_so() {
    on_each(async |base| {
        let models = Models::new(&base.database)
            .authenticate(bearer(anybody))
            .model::<product::Entity>(|products| products.rows(OrRefused));
        let house = House::of(models).await;
        house.grant("ada", "fruit").await;
        let mut ada = house.watch_as("products", "ada").await;
        ada.subscribe("products", json!({})).await;
        house.revoke("ada", "fruit").await;
        let refused = ada.json().await;
        assert_eq!(
            (&refused["action"], &refused["payload"]["code"]),
            (&json!("error"), &json!(403))
        );
        assert_eq!(ada.json().await["action"], "unsubscribed");
        house.add_products(2).await;
        house.settled().await;
        ada.is_quiet().await;
    })
    .await;
}

/// Refuses those to whom nothing is granted.
struct OrRefused;

impl Rows<String> for OrRefused {
    async fn rows(
        &self,
        user: Option<&String>,
        transaction: &DatabaseTransaction,
    ) -> sockeye::Result<Filter> {
        let user = user.cloned().unwrap_or_default();
        let granted = grant::Entity::find().filter(grant::Column::User.eq(user));
        match granted.one(transaction).await? {
            Some(_) => Granted.rows(Some(&"ada".to_owned()), transaction).await,
            None => Err(sockeye::Error::refused(403, "nothing is granted to you")),
        }
    }
}
