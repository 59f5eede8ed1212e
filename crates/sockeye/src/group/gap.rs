//! Gap: what a member of a group did not get.

use crate::group::GroupName;

/// Messages to one group that were dropped or replaced on their way to one member, because it read too slowly.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// The group.
    pub group: GroupName,
    /// How many messages, since the gap before was told.
    pub messages: u64,
}

impl Gap {
    pub(crate) fn new(group: GroupName, messages: u64) -> Self {
        Self { group, messages }
    }
}
