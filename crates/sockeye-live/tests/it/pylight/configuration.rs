//! P5 and P9 by a configuration file.

use http::Method;
use serde::Deserialize;
use serde_json::json;
use sockeye::{AllowAny, IsAuthenticated, bearer};
use sockeye_live::{ModelCatalog, ModelContext, ModelHandler, Models, ModelsConfig};

use crate::harness::entities::{order, product};
use crate::harness::{Base, House, Socket, on_each};

/// Says so.
struct Custom;

impl ModelHandler for Custom {
    type Entity = product::Entity;

    async fn on_message(
        &mut self,
        cx: &mut ModelContext<'_, product::Entity>,
        _: String,
    ) -> sockeye::Result<()> {
        cx.try_send(json!({ "custom": "response" }))
    }
}

async fn by_name(token: String) -> Option<String> {
    Some(token)
}

async fn house(base: &Base, file: &str) -> House {
    #[derive(Deserialize)]
    struct File {
        models: ModelsConfig,
    }
    let catalog = ModelCatalog::new()
        .model::<product::Entity>(|products| products.page_size(50))
        .model::<order::Entity>(|orders| orders)
        .handler("custom", || Custom)
        .permission("anyone", AllowAny)
        .permission("member", IsAuthenticated);
    let file: File = toml::from_str(file).unwrap();
    let models = Models::new(&base.database).authenticate(bearer(by_name));
    House::of(models.configure(&file.models, &catalog).unwrap()).await
}

#[tokio::test]
async fn p5_a_file_chooses_the_handler_of_a_model() {
    on_each(async |base| {
        let house = house(
            &base,
            "[models.products]\nhandler = 'custom'\n[models.orders]",
        )
        .await;
        let mut client = house.watch_as("products", "ada").await;
        client.send("hi").await;
        assert_eq!(client.json().await, json!({ "custom": "response" }));
        let mut client = house.watch_as("orders", "ada").await;
        client.send("hi").await;
        assert_eq!(
            client.json().await,
            json!({ "message": "Received", "data": "hi" })
        );
    })
    .await;
}

#[tokio::test]
async fn p1_a_file_turns_a_socket_off_and_leaves_a_model_out() {
    on_each(async |base| {
        let house = house(&base, "[models.products]\nsocket = false").await;
        let refused = Socket::open(house.address, "/ws/products", Some("ada")).await;
        assert_eq!(refused.err(), Some(404));
        let page = house
            .http(Method::GET, "/api/products", None, Some("ada"))
            .await;
        assert_eq!(page.status, 200);
        let page = house
            .http(Method::GET, "/api/orders", None, Some("ada"))
            .await;
        assert_eq!(page.status, 404);
    })
    .await;
}

#[tokio::test]
async fn p9_a_file_says_who_may_and_how_much() {
    let file = r#"
        [models.products]
        page_size = 1
        max_page_size = 2
        hidden = ["cost"]
        read_only = ["department"]
        permissions = { read = "anyone", write = "member" }
    "#;
    on_each(async |base| {
        let house = house(&base, file).await;
        let post = async |new, user| {
            let answer = house
                .http(Method::POST, "/api/products", Some(new), user)
                .await;
            answer.status
        };
        let new = json!({ "name": "apple", "price": 3, "department": "fruit" });
        assert_eq!(post(new.clone(), None).await, 401);
        assert_eq!(post(new, Some("ada")).await, 422, "a column is read only");
        let page = house.get("/api/products").await;
        assert_eq!((page.status, &page.json()["limit"]), (200, &json!(1)));
        assert_eq!(house.get("/api/products?limit=2").await.status, 200);
        assert_eq!(house.get("/api/products?limit=3").await.status, 422);
        assert_eq!(
            house.get("/api/products?cost=1").await.status,
            422,
            "a column is hidden"
        );
        // Reading is for anyone, on the socket as well.
        let mut client = Socket::open(house.address, "/ws/products", None)
            .await
            .unwrap();
        client.subscribe("products", json!({})).await;
    })
    .await;
}
