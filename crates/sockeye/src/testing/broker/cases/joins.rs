//! Joins: subscriptions that begin and end while messages flow.

use std::time::Duration;

use crate::error::Result;
use crate::testing::broker::member::Heard;
use crate::testing::broker::stage::Stage;
use crate::testing::broker::storm::{self, Storm};

pub(super) async fn joins_are_live(stage: &Stage) -> Result<()> {
    let [near, far] = stage.ready_nodes::<2>().await?;
    let mut member = far.member().await;
    for round in 0..200 {
        let name = stage.name();
        member.join(&name).await?;
        near.publish(&name, format!("after join {round}"))?;
        // In half of the rounds the next join begins while this message is still on its way.
        if round % 2 == 0 {
            member.hears(stage, &format!("after join {round}")).await?;
        }
    }
    let all = |heard: &[Heard]| heard.len() >= 200;
    member
        .until(stage, "a message after each of 200 joins", all)
        .await
}

pub(super) async fn leaves_end_subscriptions(stage: &Stage) -> Result<()> {
    let (name, kept) = (stage.name(), stage.name());
    let [near, far] = stage.ready_nodes::<2>().await?;
    let mut member = far.member_of(&kept).await?;
    let mut second = far.member().await;
    for round in 0..20 {
        member.join(&name).await?;
        second.join(&name).await?;
        second.leave(&name).await?;
        near.publish(&name, format!("heard {round}"))?;
        member.hears(stage, &format!("heard {round}")).await?;
        member.leave(&name).await?;
        // Half of the time the next join meets the end of the subscription.
        if round % 2 == 0 {
            let alone = || far.hub.stats().broker.subscriptions == 1;
            stage
                .until("the subscription to end with its last member", alone)
                .await?;
        }
    }
    near.publish(&kept, "last")?;
    member.hears(stage, "last").await
}

pub(super) async fn coming_and_going_loses_nothing(stage: &Stage) -> Result<()> {
    let storm = Storm {
        members: 12,
        groups: 5,
        visits: 30,
        time: Duration::ZERO,
    };
    storm::run(stage, storm).await.map(|_| ())
}
