//! The cases of the broker suite, each with the promise that it holds a broker to.

mod crossing;
mod joins;
mod names;
mod order;
mod outages;
mod sessions;

use std::future::Future;
use std::pin::Pin;

use crate::error::Result;
use crate::testing::broker::outage::Outage;
use crate::testing::broker::stage::Stage;

pub(super) type CaseFuture<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

pub(super) struct Case<R> {
    pub(super) name: &'static str,
    /// Reads on from "the promise that".
    pub(super) promise: &'static str,
    pub(super) run: R,
}

type Plain = for<'a> fn(&'a Stage) -> CaseFuture<'a>;
type WithOutage = for<'a> fn(&'a Stage, &'a mut dyn Outage) -> CaseFuture<'a>;

pub(super) const CASES: &[Case<Plain>] = &[
    Case {
        name: "a_batch_is_live_at_once",
        promise: "`subscribe` finishes when all topics are live: what anybody publishes afterwards arrives",
        run: |stage| Box::pin(sessions::a_batch_is_live_at_once(stage)),
    },
    Case {
        name: "a_session_takes_what_it_cannot_use",
        promise: "`unsubscribe` ends those subscriptions that there are, and no call disturbs another",
        run: |stage| Box::pin(sessions::a_session_takes_what_it_cannot_use(stage)),
    },
    Case {
        name: "ended_subscriptions_fall_silent",
        promise: "`unsubscribe` ends subscriptions: only nodes that want a topic get its messages",
        run: |stage| Box::pin(sessions::ended_subscriptions_fall_silent(stage)),
    },
    Case {
        name: "a_dropped_session_is_gone",
        promise: "a session, and a `connect` that is given up, leave nothing open when they are dropped",
        run: |stage| Box::pin(sessions::a_dropped_session_is_gone(stage)),
    },
    Case {
        name: "plain_text_reaches_members",
        promise: "text that any program publishes reaches the members of the group as it stands",
        run: |stage| Box::pin(sessions::plain_text_reaches_members(stage)),
    },
    Case {
        name: "messages_cross_both_ways",
        promise: "a message reaches the members of its group on every node once, and nobody else",
        run: |stage| Box::pin(crossing::messages_cross_both_ways(stage)),
    },
    Case {
        name: "bytes_arrive_unchanged",
        promise: "the bytes are any, and subscribers get them as they are",
        run: |stage| Box::pin(crossing::bytes_arrive_unchanged(stage)),
    },
    Case {
        name: "messages_arrive_in_order",
        promise: "messages of one publisher to one topic arrive in order, each once, and none is lost while nothing fails",
        run: |stage| Box::pin(order::messages_arrive_in_order(stage)),
    },
    Case {
        name: "joins_are_live",
        promise: "a join finishes when the subscription is live: nothing published afterwards is missed",
        run: |stage| Box::pin(joins::joins_are_live(stage)),
    },
    Case {
        name: "leaves_end_subscriptions",
        promise: "a node is subscribed to a group as long as it has members, and again when it has some again",
        run: |stage| Box::pin(joins::leaves_end_subscriptions(stage)),
    },
    Case {
        name: "coming_and_going_loses_nothing",
        promise: "a member misses no message that was published after its join returned, however others come and go",
        run: |stage| Box::pin(joins::coming_and_going_loses_nothing(stage)),
    },
    Case {
        name: "names_stay_apart",
        promise: "no topic's name reaches another topic, whatever it is made of",
        run: |stage| Box::pin(names::names_stay_apart(stage)),
    },
    Case {
        name: "ten_thousand_topics",
        promise: "a node may subscribe to as many topics as it likes, and each of them is live",
        run: |stage| Box::pin(names::ten_thousand_topics(stage)),
    },
];

pub(super) const OUTAGES: &[Case<WithOutage>] = &[
    Case {
        name: "down_at_the_start",
        promise: "a node serves while the service is down, says that it is not ready, and is once the service is there",
        run: |stage, outage| Box::pin(outages::down_at_the_start(stage, outage)),
    },
    Case {
        name: "it_dies_and_comes_back",
        promise: "the end of a session is told: publishers hear of it at once, and members that something may be missing",
        run: |stage, outage| Box::pin(outages::it_dies_and_comes_back(stage, outage)),
    },
    Case {
        name: "it_hangs",
        promise: "`ping` finishes only when the service has answered, so that one that hangs is found out",
        run: |stage, outage| Box::pin(outages::it_hangs(stage, outage)),
    },
];
