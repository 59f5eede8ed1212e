//! P9: what is configured for a model applies to REST and to its socket.

use http::Method;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use sockeye::{Access, Error, Result, bearer};
use sockeye_live::{Filter, Models, Operation, Rows, column};

use crate::harness::entities::{order, product};
use crate::harness::{Base, House, Socket, on_each};

/// Whoever has a name is a user; those in capitals are staff.
async fn by_name(token: String) -> Option<String> {
    token.chars().all(char::is_alphabetic).then_some(token)
}

async fn is_staff(access: &Access<'_, String>) -> Result<bool> {
    Ok(access
        .user
        .is_some_and(|user| user.chars().all(char::is_uppercase)))
}

async fn has_paid(access: &Access<'_, String>) -> Result<bool> {
    match access.user {
        Some(user) if user == "debtor" => Err(Error::refused(402, "pay first")),
        user => Ok(user.is_some()),
    }
}

/// All rows, for everybody but one.
struct ButEve;

impl Rows<String> for ButEve {
    async fn rows(&self, user: Option<&String>, _: &DatabaseTransaction) -> Result<Filter> {
        match user {
            Some(user) if user == "eve" => Err(Error::refused(451, "not in your country")),
            _ => Ok(Filter::all()),
        }
    }
}

async fn house(base: &Base) -> House {
    let models = Models::new(&base.database)
        .authenticate(bearer(by_name))
        .model::<product::Entity>(|products| {
            products
                .permit(Operation::WRITES, is_staff)
                .hide([product::Column::Cost])
                .page_size(2)
        })
        .model::<order::Entity>(|orders| {
            orders.rows(|user: Option<&String>| match user {
                Some(user) => column(order::Column::Owner).eq(user.as_str()),
                None => Filter::none(),
            })
        });
    House::of(models).await
}

#[tokio::test]
async fn p9_authentication_and_roles_are_those_of_both() {
    on_each(async |base| {
        let house = house(&base).await;
        assert_eq!(house.get("/api/products").await.status, 401);
        assert_eq!(
            Socket::open(house.address, "/ws/products", None)
                .await
                .err(),
            Some(401)
        );
        let wrong = Socket::open(house.address, "/ws/products", Some("n0b0dy")).await;
        assert_eq!(wrong.err(), Some(401));

        let new = || Some(json!({ "name": "apple", "price": 3, "department": "fruit" }));
        let refused = house
            .http(Method::POST, "/api/products", new(), Some("ada"))
            .await;
        assert_eq!(refused.status, 403);
        let mut watching = house.watch_as("products", "ada").await;
        watching.subscribe("products", json!({})).await;
        let created = house
            .http(Method::POST, "/api/products", new(), Some("BOB"))
            .await;
        assert_eq!(created.status, 201, "{created:?}");
        // The hidden column is in neither.
        let event = watching.json().await;
        assert_eq!(
            (&event["event"], &event["data"]["name"]),
            (&json!("created"), &json!("apple"))
        );
        for shown in [&event["data"], &created.json()] {
            assert!(shown.get("cost").is_none(), "{shown}");
        }
    })
    .await;
}

#[tokio::test]
async fn p9_rows_of_others_are_in_no_list_and_no_event() {
    on_each(async |base| {
        let house = house(&base).await;
        let mut ada = house.watch_as("orders", "ada").await;
        ada.subscribe("orders", json!({ "rows": true })).await;
        assert_eq!(ada.json().await["data"], json!([]));
        let mut bob = house.watch_as("orders", "bob").await;
        bob.subscribe("orders", json!({})).await;

        let new = json!({ "owner": "ada", "amount": 1 });
        let refused = house
            .http(Method::POST, "/api/orders", Some(new.clone()), Some("bob"))
            .await;
        assert_eq!(refused.status, 403);
        let created = house
            .http(Method::POST, "/api/orders", Some(new), Some("ada"))
            .await;
        assert_eq!(created.status, 201, "{created:?}");
        let path = format!("/api/orders/{}", created.json()["id"]);
        assert_eq!(
            house
                .http(Method::GET, &path, None, Some("bob"))
                .await
                .status,
            404
        );
        assert_eq!(
            house
                .http(Method::DELETE, &path, None, Some("bob"))
                .await
                .status,
            404
        );
        assert_eq!(
            house
                .http(Method::GET, &path, None, Some("ada"))
                .await
                .status,
            200
        );
        assert_eq!(ada.json().await["event"], "created");
        assert_eq!(
            house
                .http(Method::DELETE, &path, None, Some("ada"))
                .await
                .status,
            204
        );
        assert_eq!(ada.json().await["event"], "deleted");
        bob.is_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn p9_pages_are_as_large_as_configured() {
    on_each(async |base| {
        let house = house(&base).await;
        for name in ["apple", "pear", "plum"] {
            let new = json!({ "name": name, "price": 1, "department": "fruit" });
            house
                .http(Method::POST, "/api/products", Some(new), Some("BOB"))
                .await;
        }
        let page = house
            .http(Method::GET, "/api/products", None, Some("ada"))
            .await
            .json();
        assert_eq!(
            (page["items"].as_array().unwrap().len(), &page["total"]),
            (2, &json!(3))
        );
    })
    .await;
}

#[tokio::test]
async fn p9_a_refusal_has_its_own_status_and_words_on_both() {
    on_each(async |base| {
        let models = Models::new(&base.database)
            .authenticate(bearer(by_name))
            .model::<product::Entity>(|products| {
                products.permit(Operation::Read, has_paid).rows(ButEve)
            });
        let house = House::of(models).await;
        for (user, status, words) in [
            ("debtor", 402, "pay first"),
            ("eve", 451, "not in your country"),
        ] {
            let answer = house
                .http(Method::GET, "/api/products", None, Some(user))
                .await;
            let told = &answer.json()["detail"];
            assert_eq!((answer.status, told), (status, &json!(words)));
        }
        let debtor = Socket::open(house.address, "/ws/products", Some("debtor")).await;
        assert_eq!(debtor.err(), Some(402));
        let mut eve = house.watch_as("products", "eve").await;
        eve.ask("products", json!({})).await;
        let refused = eve.json().await;
        let expected = json!({ "code": 451, "message": "not in your country" });
        assert_eq!(refused["payload"], expected, "{refused}");
    })
    .await;
}
