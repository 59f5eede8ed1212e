//! Files that are right, and files that are wrong.

use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use sockeye::{AllowAny, IsAuthenticated, bearer};

use crate::config::{ModelCatalog, ModelsConfig};
use crate::connect::connect;
use crate::models::Models;
use crate::sample::{self, product};
use crate::socket::Received;

mod order {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub(super) id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

async fn verify(token: String) -> Option<String> {
    Some(token)
}

fn catalog() -> ModelCatalog<String> {
    ModelCatalog::new()
        .model::<product::Entity>(|products| products)
        .model::<order::Entity>(|orders| orders)
        .handler("custom", Received::<product::Entity>::default)
        .handler("of orders", Received::<order::Entity>::default)
        .permission("anyone", AllowAny)
        .permission("member", IsAuthenticated)
}

async fn database() -> DatabaseConnection {
    let database = connect("sqlite::memory:").await.unwrap();
    sample::install(&database).await;
    database
}

/// What is wrong with a configuration; nothing where it can be started.
async fn fault(config: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct File {
        models: ModelsConfig,
    }
    let file: File = toml::from_str(config).unwrap();
    let models = Models::new(&database().await).authenticate(bearer(verify));
    match models.configure(&file.models, &catalog()) {
        Ok(models) => models.start().await.err().map(|error| error.to_string()),
        Err(error) => Some(error.to_string()),
    }
}

#[tokio::test]
async fn everything_may_be_said_and_nothing_must() {
    let all = r#"
        [models.products]
        page_size = 20
        max_page_size = 100
        handler = "custom"
        socket = true
        hidden = ["stock"]
        read_only = ["name"]
        permissions = { read = "anyone", create = "member", update = "member", delete = "member", write = "anyone" }
    "#;
    assert_eq!(fault(all).await, None);
    assert_eq!(fault("[models.products]").await, None);
    assert_eq!(fault("[models]").await, None);
    assert_eq!(fault("[models.products]\nsocket = false").await, None);
}

#[tokio::test]
async fn every_mistake_names_the_model_what_was_found_and_what_was_expected() {
    let mistakes = [
        (
            "[models.product]",
            "`product`: the program offers no such model, expected one of `orders`, `products`",
        ),
        (
            "[models]\nproducts = 5",
            "`products`: invalid type: integer `5`, expected a table of settings",
        ),
        (
            "[models.products]\npages = 5",
            "`products`: `pages`: unknown field `pages`, expected one of `page_size`, `max_page_size`, `handler`, `socket`, \
             `hidden`, `read_only`, `permissions`",
        ),
        (
            "[models.products]\npage_size = 'ten'",
            "`products`: `page_size`: invalid type: string \"ten\", expected u64",
        ),
        (
            "[models.products]\npage_size = -1",
            "`products`: `page_size`: invalid value: integer `-1`, expected u64",
        ),
        (
            "[models.products]\nhandler = 'fancy'",
            "`products`: found handler \"fancy\", expected `custom`",
        ),
        (
            "[models.products]\nhandler = 'of orders'",
            "`products`: found handler \"of orders\", which serves `orders`, expected a handler of `products`",
        ),
        (
            "[models.products]\nhandler = 'custom'\nsocket = false",
            "`products`: found `handler = \"custom\"` and `socket = false`, expected one of them",
        ),
        (
            "[models.products]\nhidden = ['prize']",
            "`products`: `hidden`: found column \"prize\", expected one of `id`, `name`, `stock`",
        ),
        (
            "[models.products]\nread_only = ['Stock']",
            "`products`: `read_only`: found column \"Stock\", expected one of `id`, `name`, `stock`",
        ),
        (
            "[models.products.permissions]\nread = 'boss'",
            "`products`: found permission \"boss\", expected one of `anyone`, `member`",
        ),
        (
            "[models.products.permissions]\nraed = 'anyone'",
            "`products`: `permissions.raed`: unknown field `raed`, expected one of `read`, `create`, `update`, `delete`, `write`",
        ),
        (
            "[models.products]\npermissions = 'anyone'",
            "`products`: `permissions`: invalid type: string \"anyone\", expected a table of operations and their permissions",
        ),
    ];
    for (config, what) in mistakes {
        let expected = format!("cannot configure the model {what}");
        assert_eq!(fault(config).await, Some(expected), "{config}");
    }
}

#[tokio::test]
async fn what_only_the_start_can_see_names_the_model_too() {
    for config in [
        "[models.products]\npage_size = 0",
        "[models.products]\npage_size = 30\nmax_page_size = 20",
        "[models.products]\nhidden = ['id']",
    ] {
        let fault = fault(config).await.unwrap_or_else(|| panic!("{config}"));
        assert!(fault.contains("`products`"), "{fault}");
    }
    let missing = fault("[models.orders]").await.unwrap();
    assert!(
        missing.contains("`orders`") && missing.contains("no such table"),
        "{missing}"
    );
}

#[test]
fn it_is_read_from_any_form() {
    let value: Value = json!({ "products": { "page_size": 20 } });
    let from_json: ModelsConfig = serde_json::from_value(value).unwrap();
    let from_toml: ModelsConfig = toml::from_str("products = { page_size = 20 }").unwrap();
    assert_eq!(from_json, from_toml);
}

#[test]
fn an_empty_catalog_says_so() {
    let config: ModelsConfig = toml::from_str("[products]").unwrap();
    let error = ModelCatalog::<String>::new().plan(&config).err().unwrap();
    assert_eq!(
        error.to_string(),
        "cannot configure the model `products`: the program offers no such model, expected none, as there is none"
    );
}
