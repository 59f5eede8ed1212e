//! Outages: what becomes of nodes and members when the service goes, hangs and comes back.

use std::time::Duration;

use crate::error::{ErrorKind, Result};
use crate::testing::broker::member::Member;
use crate::testing::broker::node::Node;
use crate::testing::broker::outage::Outage;
use crate::testing::broker::stage::{Stage, ensure};

pub(super) async fn down_at_the_start(stage: &Stage, outage: &mut dyn Outage) -> Result<()> {
    let name = stage.name();
    outage.down().await;
    let [node, far] = [stage.node(), stage.node()];
    let joining = node.member_of(&name);
    let mut member = stage
        .wait("a join while the service is down", joining, String::new)
        .await??;
    let mut other = far.member_of(&name).await?;
    fails_here(stage, &node, &name, &mut member, "alone").await?;
    outage.up().await;
    for node in [&node, &far] {
        stage.ready(node).await?;
    }
    node.publish(&name, "together")?;
    other.hears(stage, "together").await?;
    far.publish(&name, "both ways")?;
    member.hears(stage, "both ways").await?;
    for member in [&mut member, &mut other] {
        member.hears_of_a_gap(stage, &name).await?;
    }
    Ok(())
}

/// A publication while the service is away: told to its publisher, heard by members here.
async fn fails_here(
    stage: &Stage,
    node: &Node,
    name: &str,
    member: &mut Member,
    text: &str,
) -> Result<()> {
    let readiness = node.hub.readiness();
    ensure(!readiness.is_ready(), || {
        "a node is ready while the service is down".to_owned()
    })?;
    let kind = node.publish(name, text).err().map(|error| error.kind());
    ensure(kind == Some(ErrorKind::Broker), || {
        format!("publishing while the service is down gives {kind:?} and not Broker")
    })?;
    member.hears(stage, text).await
}

pub(super) async fn it_dies_and_comes_back(stage: &Stage, outage: &mut dyn Outage) -> Result<()> {
    let nodes = stage.ready_nodes::<2>().await?;
    let (name, quiet) = (stage.name(), stage.name());
    let mut here = nodes[0].member_of(&name).await?;
    let mut there = nodes[1].member_of(&name).await?;
    let mut bystander = nodes[1].member_of(&quiet).await?;
    for round in 0..3 {
        for member in [&mut here, &mut there, &mut bystander] {
            member.take();
            member.heard.clear();
        }
        outage.down().await;
        for node in &nodes {
            let ended = || !node.hub.readiness().is_ready();
            stage.until("a node not to be ready", ended).await?;
        }
        fails_here(stage, &nodes[0], &name, &mut here, &format!("lost {round}")).await?;
        outage.up().await;
        for node in &nodes {
            stage.ready(node).await?;
        }
        let after = format!("after {round}");
        // Nobody can know whether something was published to a group meanwhile.
        for (member, name) in [(&mut there, &name), (&mut bystander, &quiet)] {
            nodes[0].publish(name, &after)?;
            member.hears(stage, &after).await?;
            member.hears_of_a_gap(stage, name).await?;
            let texts = member.texts();
            ensure(texts == [&after], || format!("a member heard {texts:?}"))?;
        }
    }
    Ok(())
}

pub(super) async fn it_hangs(stage: &Stage, outage: &mut dyn Outage) -> Result<()> {
    let [near, far] = stage.ready_nodes::<2>().await?;
    let name = stage.name();
    let mut here = near.member_of(&name).await?;
    let mut there = far.member_of(&name).await?;
    if !outage.freeze() {
        return Ok(());
    }
    let found_out = stage.until("a node to find out that the service hangs", || {
        [&near, &far]
            .iter()
            .all(|node| !node.hub.readiness().is_ready())
    });
    let found_out = found_out.await;
    let failed = fails_here(stage, &near, &name, &mut here, "lost").await;
    outage.thaw();
    found_out?;
    failed?;
    for node in [&near, &far] {
        stage.ready(node).await?;
    }
    // The service may deliver what it had taken in before; but none of it twice.
    for round in 0..20 {
        near.publish(&name, format!("after {round}"))?;
        there.hears(stage, &format!("after {round}")).await?;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    there.hears_of_a_gap(stage, &name).await?;
    let after: Vec<_> = there
        .texts()
        .into_iter()
        .filter(|text| *text != "lost")
        .collect();
    ensure(after.len() == 20, || format!("a member heard {after:?}"))
}
