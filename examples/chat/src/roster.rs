//! Roster: who is in which room.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;
use sockeye::ConnectionId;

use crate::message::Member;

type Members = BTreeMap<ConnectionId, String>;

/// The members of all rooms, by connection; a room without members is forgotten.
#[derive(Clone, Default)]
pub(crate) struct Rosters(Arc<Mutex<HashMap<String, Members>>>);

impl Rosters {
    pub(crate) fn enter(&self, room: &str, id: ConnectionId, name: &str) {
        let mut rooms = self.0.lock();
        rooms
            .entry(room.to_owned())
            .or_default()
            .insert(id, name.to_owned());
    }

    pub(crate) fn leave(&self, room: &str, id: ConnectionId) {
        let mut rooms = self.0.lock();
        if let Some(members) = rooms.get_mut(room) {
            members.remove(&id);
            if members.is_empty() {
                rooms.remove(room);
            }
        }
    }

    pub(crate) fn members(&self, room: &str) -> Vec<Member> {
        let rooms = self.0.lock();
        let members = rooms.get(room).into_iter().flatten();
        members
            .map(|(id, name)| Member {
                id: id.to_string(),
                name: name.clone(),
            })
            .collect()
    }
}
