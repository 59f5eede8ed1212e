//! Memberships: the groups that one connection is in.

use crate::group::{Entered, GroupName};

/// A connection's places in groups, in the order it joined. Most connections are in one, which takes no block.
#[derive(Default)]
pub(crate) enum Memberships {
    #[default]
    None,
    One(Entered),
    #[expect(
        clippy::box_collection,
        reason = "two words for the many, so that the few take two"
    )]
    Many(Box<Vec<Entered>>),
}

impl Memberships {
    pub(crate) fn as_slice(&self) -> &[Entered] {
        match self {
            Self::None => &[],
            Self::One(entered) => std::slice::from_ref(entered),
            Self::Many(entered) => entered,
        }
    }

    pub(crate) fn contains(&self, name: &GroupName) -> bool {
        self.position(name).is_some()
    }

    /// The place in a group, if there is one.
    pub(crate) fn get(&self, name: &GroupName) -> Option<&Entered> {
        self.as_slice().get(self.position(name)?)
    }

    pub(crate) fn push(&mut self, entered: Entered) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(entered),
            Self::One(first) => Self::Many(Box::new(vec![first, entered])),
            Self::Many(mut many) => {
                many.push(entered);
                Self::Many(many)
            }
        };
    }

    /// Takes the place in a group out, if there is one. Not to be dropped under a lock: it may go as far as the broker.
    pub(crate) fn remove(&mut self, name: &GroupName) -> Option<Entered> {
        let position = self.position(name)?;
        match std::mem::take(self) {
            Self::None => None,
            Self::One(entered) => Some(entered),
            Self::Many(mut many) => {
                let entered = many.remove(position);
                *self = Self::Many(many);
                Some(entered)
            }
        }
    }

    fn position(&self, name: &GroupName) -> Option<usize> {
        self.as_slice()
            .iter()
            .position(|entered| entered.listening.name() == name)
    }
}
