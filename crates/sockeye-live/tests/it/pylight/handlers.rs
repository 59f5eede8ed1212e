//! P2 to P7: handlers that are bound to a model.

use std::sync::Arc;

use sea_orm::PaginatorTrait;
use serde_json::json;
use sockeye::Disconnect;
use sockeye_live::{ModelContext, ModelHandler, Models};
use tokio::sync::{Barrier, mpsc};

use crate::harness::entities::product;
use crate::harness::{Base, House, on_each, within};

type Products<'a> = ModelContext<'a, product::Entity>;

async fn house<H>(base: &Base, make: impl Fn() -> H + Send + Sync + 'static) -> House
where
    H: ModelHandler<Entity = product::Entity>,
{
    House::of(
        Models::new(&base.database).model::<product::Entity>(|products| products.handler(make)),
    )
    .await
}

/// Tells its client of its model.
struct Informed;

impl ModelHandler for Informed {
    type Entity = product::Entity;

    async fn on_connect(&mut self, cx: &mut Products<'_>) -> sockeye::Result<()> {
        cx.send(json!({ "status": "connected", "model": cx.model() }));
        Ok(())
    }

    async fn on_message(&mut self, cx: &mut Products<'_>, message: String) -> sockeye::Result<()> {
        match message.as_str() {
            "count" => {
                let count = cx.find().await?.count(cx.database()).await?;
                cx.send(json!({ "result": count }));
            }
            "both" => {
                cx.send("Hello, client!");
                cx.send(json!({ "type": "notification", "message": "Update" }));
            }
            _ => cx.try_send(message)?,
        }
        Ok(())
    }
}

#[tokio::test]
async fn p2_a_handler_knows_its_model_and_reads_its_rows() {
    on_each(async |base| {
        let house = house(&base, || Informed).await;
        for name in ["apple", "pear"] {
            let new = json!({ "name": name, "price": 1, "department": "fruit" });
            assert_eq!(house.post("/api/products", new).await.status, 201);
        }
        let mut client = house.watch("products").await;
        assert_eq!(
            client.json().await,
            json!({ "status": "connected", "model": "products" })
        );
        client.send("count").await;
        assert_eq!(client.json().await, json!({ "result": 2 }));
    })
    .await;
}

#[tokio::test]
async fn p3_the_default_handler_tells_what_it_received() {
    on_each(async |base| {
        let models = Models::new(&base.database).model::<product::Entity>(|products| products);
        let house = House::of(models).await;
        let mut client = house.watch("products").await;
        for text in ["hi", "{\"action\":\"other\"}", ""] {
            client.send(text).await;
            assert_eq!(
                client.json().await,
                json!({ "message": "Received", "data": text })
            );
        }
    })
    .await;
}

#[tokio::test]
async fn p4_send_takes_text_and_values_and_never_fails_the_handler() {
    on_each(async |base| {
        let house = house(&base, || Informed).await;
        let mut client = house.watch("products").await;
        client.json().await;
        client.send("both").await;
        assert_eq!(client.text().await, "Hello, client!");
        assert_eq!(
            client.json().await,
            json!({ "type": "notification", "message": "Update" })
        );
        client.send("as it is").await;
        assert_eq!(client.text().await, "as it is");
    })
    .await;
}

/// Fails where its client tells it to, and says how it ended.
struct Fragile(mpsc::Sender<String>);

impl ModelHandler for Fragile {
    type Entity = product::Entity;

    async fn on_connect(&mut self, cx: &mut Products<'_>) -> sockeye::Result<()> {
        match cx.query().get("fail") {
            Some(_) => Err(sockeye::Error::new("on_connect failed")),
            None => Ok(()),
        }
    }

    async fn on_message(&mut self, cx: &mut Products<'_>, message: String) -> sockeye::Result<()> {
        assert_ne!(message, "panic");
        match message.as_str() {
            "fail" => Err(sockeye::Error::new("on_message failed")),
            _ => cx.try_send(message),
        }
    }

    async fn on_disconnect(&mut self, _: &mut Products<'_>, disconnect: Disconnect) {
        self.0.send(disconnect.to_string()).await.unwrap();
        panic!("on_disconnect failed");
    }
}

#[tokio::test]
async fn p6_an_error_ends_its_own_connection_and_no_other() {
    on_each(async |base| {
        let (ended, mut ends) = mpsc::channel(8);
        let house = house(&base, move || Fragile(ended.clone())).await;
        let mut bystander = house.watch("products").await;

        let mut client = house.watch("products?fail").await;
        assert_eq!(client.closed().await, 1011);
        for word in ["fail", "panic"] {
            let mut client = house.watch("products").await;
            client.send(word).await;
            assert_eq!(client.closed().await, 1011);
        }
        for _ in 0..3 {
            within("the end of a connection", ends.recv())
                .await
                .unwrap();
        }
        bystander.send("fine").await;
        assert_eq!(bystander.text().await, "fine");
        // Of no use to the others is a binary frame; that is told apart from what handlers do.
        bystander.send_bytes(vec![1, 2]).await;
        assert_eq!(bystander.closed().await, 1003);
    })
    .await;
}

/// Waits for the others, and then says what it was told.
struct Together(Arc<Barrier>);

impl ModelHandler for Together {
    type Entity = product::Entity;

    async fn on_message(&mut self, cx: &mut Products<'_>, message: String) -> sockeye::Result<()> {
        if message == "wait" {
            self.0.wait().await;
        }
        cx.try_send(message)
    }
}

#[tokio::test]
async fn p7_connections_run_side_by_side_and_each_in_order() {
    on_each(side_by_side).await;
}

async fn side_by_side(base: Base) {
    let barrier = Arc::new(Barrier::new(3));
    let house = house(&base, move || Together(Arc::clone(&barrier))).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = house.watch("products").await;
        // Nobody gets further unless all three wait at the same time.
        for text in ["wait", "first", "second"] {
            client.send(text).await;
        }
        clients.push(client);
    }
    for client in &mut clients {
        for text in ["wait", "first", "second"] {
            assert_eq!(client.text().await, text);
        }
    }
}
