//! Distant: what a node does with what other nodes publish, and with what it has missed of that.

use std::sync::Arc;

use crate::broker::{Letter, Receiver, Stamp, Uplink};
use crate::engine::{Audience, UNCOUNTED};
use crate::group::hub::Node;
use crate::group::registry::Listening;

impl Receiver for Node {
    fn message(&self, topic: &str, stamp: Option<Stamp>, letter: Letter<'_>) {
        let Some(listening) = self.registry.by_topic(topic) else {
            return;
        };
        if stamp.is_some_and(|stamp| !listening.hear(stamp)) {
            return self.count(Uplink::count_repeated);
        }
        self.count(Uplink::count_received);
        self.tell_missing(&listening);
        let publication = letter.into_publication(Arc::clone(listening.topic.name()));
        let audience = Audience {
            except: None,
            own: self.own(&publication.frame, None),
            handlers: publication.for_handlers,
        };
        let topic = &listening.topic;
        if !self.engine.bring(topic, &publication.frame, &audience) {
            // Members that hang on a shard with too much waiting; they hear of it when there is room again.
            listening.miss(1);
        }
    }

    fn arrived(&self) {
        self.engine.call();
    }

    fn position(&self, topic: Option<&str>, stamp: Stamp) {
        let Some(topic) = topic else {
            self.missing(None);
            return self.tell_all_missing();
        };
        if let Some(listening) = self.registry.by_topic(topic) {
            listening.place(stamp);
            self.tell_missing(&listening);
        }
    }

    fn notice(&self, topic: &str, stamp: Stamp, body: &[u8]) {
        self.take_notice(topic, stamp.node, body);
    }

    fn missing(&self, topic: Option<&str>) {
        let listening = match topic {
            Some(topic) => self.registry.by_topic(topic).into_iter().collect(),
            None => self.registry.all(),
        };
        for listening in listening {
            listening.miss(UNCOUNTED);
            listening.doubt_roster();
        }
    }

    fn asked(&self, topic: &str, is_live: bool) {
        if let Some(listening) = self.registry.by_topic(topic) {
            listening.set_deaf(!is_live);
            self.tell_missing(&listening);
        }
    }

    fn ready(&self) {
        self.greet();
    }

    fn tick(&self) {
        self.beat();
        self.tell_all_missing();
    }
}

impl Node {
    fn tell_all_missing(&self) {
        for listening in self.registry.all() {
            self.tell_missing(&listening);
        }
    }

    fn tell_missing(&self, listening: &Listening) {
        let Some(messages) = listening.take_missing() else {
            return;
        };
        match self.engine.tell_gap(&listening.topic, messages) {
            true => self.count(Uplink::count_gap),
            // The next message, or the next tick, tries again.
            false => listening.miss(messages),
        }
    }

    fn count(&self, count: impl FnOnce(&Uplink)) {
        if let Some(uplink) = self.registry.uplink() {
            count(uplink);
        }
    }
}
