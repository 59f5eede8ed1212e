//! What a change costs: one query, and one look for each distinct view.

use serde_json::json;
use sockeye_live::{LiveOptions, Models};
use std::time::Duration;

use crate::harness::entities::product;
use crate::harness::{Base, House, on_each};

const SUBSCRIBERS: i32 = 1_000;
const FILTERS: i32 = 20;

fn models(base: &Base) -> Models {
    let mut options = LiveOptions::default();
    // Looks when it is called, and not in between.
    options.poll = Duration::from_secs(3600);
    Models::new(&base.database)
        .options(options)
        .model::<product::Entity>(|products| products)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_costs_one_query_and_a_look_for_each_distinct_view() {
    on_each(async |base| {
        let house = House::of(models(&base)).await;
        let ids = house.add_products(1).await;
        house.settled().await;
        let mut clients = Vec::new();
        for number in 0..SUBSCRIBERS {
            let mut client = house.watch("products").await;
            // Those of an odd number match.
            let filter = json!({ "price": { "gte": number % FILTERS } });
            client
                .subscribe("products", json!({ "filter": filter }))
                .await;
            clients.push(client);
        }
        house.is_told_by_others().await;
        let before = house.live.stats().await;
        assert_eq!((before.subscribers, before.views), (1_000, 20));
        house.set_price(ids[0], 10).await;
        let told = clients
            .iter_mut()
            .enumerate()
            .filter(|(number, _)| number % 20 <= 10);
        for (_, client) in told {
            assert_eq!(client.json().await["data"]["price"], 10);
        }
        let after = house.live.stats().await;
        assert_eq!(after.queries - before.queries, 1);
        assert_eq!(after.evaluations - before.evaluations, 20);
        assert_eq!(after.changes - before.changes, 1);
        assert_eq!(after.events - before.events, 11);
    })
    .await;
}
