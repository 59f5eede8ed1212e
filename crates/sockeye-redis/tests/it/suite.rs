//! Suite: what any broker has to keep, held against a Redis alone and a cluster.

use fixtures::Redis;
use sockeye::testing::{BrokerSuite, Outage, OutageFuture, Storm};
use sockeye_redis::RedisBroker;

use crate::harness::broker;
use crate::turn::turn;

/// A server that ends in both ways by turns.
struct Fragile {
    redis: Redis,
    is_killed: bool,
}

impl Outage for Fragile {
    fn down(&mut self) -> OutageFuture<'_> {
        self.is_killed = !self.is_killed;
        Box::pin(async {
            match self.is_killed {
                true => self.redis.kill().await,
                false => self.redis.terminate().await,
            }
        })
    }

    fn up(&mut self) -> OutageFuture<'_> {
        Box::pin(self.redis.restart())
    }

    fn freeze(&mut self) -> bool {
        self.redis.freeze();
        true
    }

    fn thaw(&mut self) {
        self.redis.thaw();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_keeps_all_promises() {
    let redis = Redis::start().await;
    let broker = broker(&redis);
    let outage = Fragile {
        redis,
        is_killed: false,
    };
    BrokerSuite::new(move || broker.clone())
        .with_outages(outage)
        .run()
        .await;
}

#[tokio::test]
async fn redis_keeps_them_on_one_thread_too() {
    let redis = Redis::start().await;
    let broker = broker(&redis);
    BrokerSuite::new(move || broker.clone()).run().await;
}

#[tokio::test]
async fn a_cluster_keeps_all_promises() {
    let nodes = Redis::start_cluster(3).await;
    let broker = RedisBroker::cluster(nodes.iter().map(Redis::url)).unwrap();
    BrokerSuite::new(move || broker.clone()).run().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_members_come_and_go_and_miss_nothing() {
    let _turn = turn().await;
    let redis = Redis::start().await;
    let broker = broker(&redis);
    let suite = BrokerSuite::new(move || broker.clone());
    println!("{}", suite.storm(Storm::default()).await);
}
