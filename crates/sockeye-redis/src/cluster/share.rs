//! Share: the commands for one master, out of those for all.

use redis::Pipeline;
use sockeye::{Error, Refused};

/// Commands in order, and which topic or parcel each is for.
#[derive(Default)]
pub(crate) struct Share {
    pub(crate) commands: Pipeline,
    of: Vec<usize>,
}

/// A command, as it is called for what the nodes tell each other and for the channel of a slot.
#[derive(Clone, Copy)]
pub(crate) struct Verb {
    everywhere: &'static str,
    sharded: &'static str,
}

impl Verb {
    pub(crate) const PUBLISH: Self = Self::new("PUBLISH", "SPUBLISH");
    pub(crate) const SUBSCRIBE: Self = Self::new("SUBSCRIBE", "SSUBSCRIBE");
    pub(crate) const UNSUBSCRIBE: Self = Self::new("UNSUBSCRIBE", "SUNSUBSCRIBE");

    const fn new(everywhere: &'static str, sharded: &'static str) -> Self {
        Self {
            everywhere,
            sharded,
        }
    }

    pub(crate) fn name(self, is_sharded: bool) -> &'static str {
        if is_sharded {
            self.sharded
        } else {
            self.everywhere
        }
    }
}

impl Share {
    /// Adds a command without its last argument, if it has one.
    pub(crate) fn add(&mut self, verb: &str, channel: String, payload: Option<&[u8]>, of: usize) {
        let command = self.commands.cmd(verb).arg(channel);
        if let Some(payload) = payload {
            command.arg(payload);
        }
        self.of.push(of);
    }

    /// Commands that were refused, by what they are for.
    pub(crate) fn named(&self, mut refused: Vec<Refused>) -> Vec<Refused> {
        for each in &mut refused {
            each.index = self.of[each.index];
        }
        refused
    }

    /// All of them refused.
    pub(crate) fn refused(&self, why: impl Fn() -> Error) -> Vec<Refused> {
        let refused = |&index: &usize| Refused { index, why: why() };
        self.of.iter().map(refused).collect()
    }
}
