//! Tracking: keeping the rosters of a node's groups, and telling members what changes in them.

use std::sync::Arc;

use parking_lot::MutexGuard;

use crate::connection::Frame;
use crate::engine::{Audience, Link, scratch};
use crate::error::Result;
use crate::group::GroupName;
use crate::group::cluster::notice::{Change, Notice, Question, Reply};
use crate::group::cluster::roster::{Changed, Roster};
use crate::group::cluster::{ROSTERS_MAX, Seen, Step, StepKind};
use crate::group::hub::Node;
use crate::group::presence::{Presence, Present};
use crate::group::registry::Listening;
use crate::id::NodeId;
use crate::message::{Form, Format};

impl Node {
    /// Tracks a member here, and tells the others.
    ///
    /// # Errors
    /// `Limit` when too much would have to be told of all of them.
    pub(crate) fn track(
        &self,
        listening: &Arc<Listening>,
        link: &Arc<Link>,
        seen: Seen,
    ) -> Result<()> {
        let (change, kind, is_new) = {
            let mut roster = listening.roster.lock();
            let is_new = roster.is_none();
            let roster = roster.get_or_insert_with(|| Box::new(Roster::new()));
            let kind = match roster.tracks(link.id().local()) {
                true => StepKind::Updated,
                false => StepKind::Joined,
            };
            let version = self.cluster.next_version();
            let change = roster.put(link.id().local(), seen.clone(), version)?;
            // Under the lock, so that changes leave in their order.
            self.tell_group(listening.topic.name(), &Notice::Change(change.clone()));
            (change, kind, is_new)
        };
        if is_new {
            self.learn(vec![Arc::clone(listening.topic.name())]);
        }
        self.tell_step(
            listening,
            self.own_step(change.connection, kind, seen),
            Some(link),
        );
        Ok(())
    }

    /// Tracks a member no more; false when it was not.
    pub(crate) fn untrack(&self, listening: &Listening, link: &Arc<Link>) -> bool {
        let connection = link.id().local();
        let seen = {
            let mut roster = listening.roster.lock();
            let taken = roster
                .as_mut()
                .and_then(|roster| roster.take(connection, self.cluster.next_version()));
            let Some((seen, change)) = taken else {
                return false;
            };
            self.tell_group(listening.topic.name(), &Notice::Change(change));
            seen
        };
        let step = self.own_step(connection, StepKind::Left, seen);
        self.tell_step(listening, step, Some(link));
        true
    }

    fn own_step(&self, connection: u64, kind: StepKind, seen: Seen) -> Step {
        Step {
            node: self.engine.node(),
            connection,
            kind,
            seen,
        }
    }

    /// Who is tracked in a group, on all nodes.
    pub(crate) async fn roster(&self, name: &GroupName) -> Vec<Present> {
        let Some(listening) = self.registry.get(name) else {
            return self.foreign_roster(name).await;
        };
        let is_whole = {
            let mut roster = listening.roster.lock();
            roster
                .get_or_insert_with(|| Box::new(Roster::new()))
                .is_whole
        };
        if !is_whole {
            self.learn_now(&[Arc::clone(listening.topic.name())]).await;
        }
        let own = self.engine.node();
        let all = kept(&listening).map_or_else(Vec::new, |roster| roster.all(own));
        let all = all.into_iter();
        all.map(|(node, connection, seen)| Present::new(node, connection, seen))
            .collect()
    }

    /// The same for a group without members here, of which nothing is kept.
    async fn foreign_roster(&self, name: &GroupName) -> Vec<Present> {
        let replies = self.ask(Question::Rosters(vec![name.shared()])).await;
        let tracked = replies.into_iter().flatten().flat_map(|(node, reply)| {
            let tracked = match reply {
                Reply::Roster { tracked, .. } => tracked,
                Reply::Count(_) => Vec::new(),
            };
            let tracked = tracked.into_iter();
            tracked.map(move |(connection, seen)| Present::new(node, connection, seen))
        });
        tracked.collect()
    }

    /// What others are told of those tracked here.
    pub(super) fn own_roster(&self, group: Arc<str>) -> Reply {
        let listening = self.registry.by_topic(&group);
        // Read first: what changes afterwards has a higher one.
        let latest = self.cluster.latest_version();
        let own = listening.and_then(|listening| kept(&listening).map(|roster| roster.own()));
        let own = own.filter(|(version, _)| *version > 0);
        let (version, tracked) = own.unwrap_or((latest, Vec::new()));
        Reply::Roster {
            group,
            version,
            tracked,
        }
    }

    pub(super) fn follow(&self, topic: &str, node: NodeId, change: Change) {
        let Some(listening) = self.registry.by_topic(topic) else {
            return;
        };
        let changed = kept(&listening).map(|mut roster| roster.follow(node, change));
        match changed {
            Some(Changed::Step(Some(step))) => self.tell_step(&listening, step, None),
            Some(Changed::Unclear) => {
                self.learn_from(node, vec![Arc::clone(listening.topic.name())]);
            }
            Some(Changed::Step(None)) | None => {}
        }
    }

    pub(super) fn replace(
        &self,
        topic: &str,
        node: NodeId,
        version: u64,
        tracked: Vec<(u64, Seen)>,
    ) {
        let Some(listening) = self.registry.by_topic(topic) else {
            return;
        };
        let steps = kept(&listening).map(|mut roster| roster.replace(node, version, tracked));
        for step in steps.into_iter().flatten() {
            self.tell_step(&listening, step, None);
        }
    }

    /// Gives up a node, and tells the members here who has left with it.
    pub(super) fn lose_node(&self, node: NodeId) {
        for listening in self.registry.all() {
            let steps = kept(&listening).map(|mut roster| roster.lose(node));
            for step in steps.into_iter().flatten() {
                self.tell_step(&listening, step, None);
            }
        }
    }

    /// After a time in which others could not be heard: asks them, and says what they may have missed.
    pub(super) fn catch_up(&self) {
        let mut topics = Vec::new();
        for listening in self.registry.all() {
            let topic = listening.topic.name();
            if let Some(mut roster) = kept(&listening) {
                roster.is_whole = false;
                roster.forget_asked();
                let (version, tracked) = match roster.own() {
                    (0, _) => (self.cluster.latest_version(), Vec::new()),
                    own => own,
                };
                self.tell_group(topic, &Notice::Whole { version, tracked });
                topics.push(Arc::clone(topic));
            }
        }
        if !topics.is_empty() {
            self.learn(topics);
        }
    }

    /// Asks all nodes for their parts of rosters, in the background.
    fn learn(&self, topics: Vec<Arc<str>>) {
        if let Some(node) = self.me.upgrade()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move { node.learn_now(&topics).await });
        }
    }

    /// Asks one node for its parts of all rosters that are kept here, in the background.
    pub(super) fn learn_of(&self, node: NodeId) {
        let all = self.registry.all().into_iter();
        let kept = all.filter(|listening| kept(listening).is_some());
        let topics: Vec<_> = kept
            .map(|listening| Arc::clone(listening.topic.name()))
            .collect();
        self.learn_from(node, topics);
    }

    /// The same of some rosters.
    fn learn_from(&self, node: NodeId, topics: Vec<Arc<str>>) {
        let Some(me) = self.me.upgrade().filter(|_| !topics.is_empty()) else {
            return;
        };
        tokio::spawn(async move {
            for topics in topics.chunks(ROSTERS_MAX) {
                let question = Question::Rosters(topics.to_vec());
                let send = |id| me.tell_node(node, &Notice::Query { id, question });
                me.cluster.queries.ask(vec![node], send).await;
            }
        });
    }

    /// The same; finishes when they have answered, or it took too long. What they say is taken in as it comes.
    async fn learn_now(&self, topics: &[Arc<str>]) {
        for topics in topics.chunks(ROSTERS_MAX) {
            let asked = self.ask(Question::Rosters(topics.to_vec())).await;
            // Else whoever wants it next tries again.
            if asked.is_some() {
                topics.iter().for_each(|topic| self.know_all(topic));
            }
        }
    }

    /// Notes that everybody was asked for a group's roster.
    fn know_all(&self, topic: &str) {
        if let Some(listening) = self.registry.by_topic(topic)
            && let Some(mut roster) = kept(&listening)
        {
            roster.is_whole = true;
        }
    }

    /// Tells the handlers of the members here what became of one that is tracked.
    fn tell_step(&self, listening: &Listening, step: Step, except: Option<&Arc<Link>>) {
        let form = Form::new(self.engine.wire(), Format::Json);
        let presence = Presence::from(step);
        let Ok(frame) = scratch::with(|buffer| Frame::encode(&presence, form, buffer)) else {
            return;
        };
        let audience = Audience {
            except: except.cloned(),
            own: None,
            handlers: true,
        };
        if !self.engine.publish(&listening.topic, &frame, &audience) {
            listening.miss(1);
        }
    }
}

/// The roster of a group, if one is kept.
fn kept(listening: &Listening) -> Option<parking_lot::MappedMutexGuard<'_, Roster>> {
    let roster = MutexGuard::try_map(listening.roster.lock(), |roster| roster.as_deref_mut());
    roster.ok()
}
