//! Membership: one connection's place in one topic, and the short list of them that a connection has.

/// Where a connection stands: in which topic of its shard, and where among its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Membership {
    pub(crate) local: u32,
    pub(crate) index: u32,
}

impl Membership {
    /// Stands in where there is none: no topic has so many members.
    const NONE: Self = Self {
        local: u32::MAX,
        index: u32::MAX,
    };
}

/// All memberships of one connection: two words while it has at most one.
#[derive(Debug)]
pub(crate) struct Memberships {
    first: Membership,
    #[expect(
        clippy::box_collection,
        reason = "a word for the many that have no more than one"
    )]
    more: Option<Box<Vec<Membership>>>,
}

impl Default for Memberships {
    fn default() -> Self {
        Self {
            first: Membership::NONE,
            more: None,
        }
    }
}

impl Memberships {
    pub(crate) fn len(&self) -> usize {
        let first = usize::from(self.first != Membership::NONE);
        first + self.more.as_ref().map_or(0, |more| more.len())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first == Membership::NONE
    }

    /// Where the membership of a topic is.
    pub(crate) fn position(&self, local: u32) -> Option<usize> {
        if self.first.local == local {
            return (!self.is_empty()).then_some(0);
        }
        let more = self.more.as_ref()?;
        more.iter().position(|m| m.local == local).map(|at| at + 1)
    }

    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut Membership> {
        match at.checked_sub(1) {
            None => Some(&mut self.first).filter(|first| **first != Membership::NONE),
            Some(at) => self.more.as_mut()?.get_mut(at),
        }
    }

    pub(crate) fn push(&mut self, membership: Membership) {
        match self.is_empty() {
            true => self.first = membership,
            false => self.more.get_or_insert_default().push(membership),
        }
    }

    /// Removes one and puts the last in its place.
    pub(crate) fn swap_remove(&mut self, at: usize) -> Option<Membership> {
        let last = match &mut self.more {
            Some(more) => more.pop(),
            None => None,
        };
        if self.more.as_ref().is_some_and(|more| more.is_empty()) {
            self.more = None;
        }
        let Some(last) = last else {
            let only = std::mem::replace(&mut self.first, Membership::NONE);
            return (at == 0 && only != Membership::NONE).then_some(only);
        };
        match self.get_mut(at) {
            Some(place) => Some(std::mem::replace(place, last)),
            // It was the last itself.
            None => Some(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_two_words_and_keeps_what_a_vector_keeps() {
        assert_eq!(size_of::<Memberships>(), 8 + size_of::<usize>());
        let (mut list, mut plain) = (Memberships::default(), Vec::new());
        let membership = |local| Membership { local, index: 7 };
        for local in 0..4 {
            list.push(membership(local));
            plain.push(membership(local));
        }
        for at in [1, 2, 0, 0] {
            assert_eq!(list.swap_remove(at), Some(plain.swap_remove(at)));
            assert_eq!(list.len(), plain.len());
            for (at, m) in plain.iter().enumerate() {
                assert_eq!(list.position(m.local), Some(at));
                assert_eq!(list.get_mut(at), Some(&mut m.clone()));
            }
        }
        assert!(list.is_empty() && list.position(3).is_none() && list.position(u32::MAX).is_none());
    }
}
