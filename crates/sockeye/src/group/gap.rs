//! Gap: what a member of a group did not get.

use crate::engine::UNCOUNTED;
use crate::group::GroupName;

/// Messages to one group that one member did not get: dropped or replaced on their way to it, because it read too slowly,
/// or lost between the nodes, because the broker was away.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// The group.
    pub group: GroupName,
    /// How many messages, since the gap before was told; `None` when nobody can know: none, perhaps.
    pub messages: Option<u64>,
}

impl Gap {
    pub(crate) fn new(group: GroupName, messages: u64) -> Self {
        let messages = Some(messages).filter(|messages| *messages != UNCOUNTED);
        Self { group, messages }
    }

    /// Adds what is missing since.
    pub(crate) fn extend(&mut self, later: &Self) {
        let both = self.messages.zip(later.messages);
        self.messages = both.map(|(known, more)| known.saturating_add(more));
    }
}
