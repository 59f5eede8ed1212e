//! View: the rows that some subscribers see alike, and what they are told when one changes.

mod data;
mod event;

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use sockeye::{Group, GroupName, Hub};

pub(crate) use data::Encoded;
use event::{Event, EventKind};

use crate::error::Result;
use crate::filter::Bound;
use crate::log::{Change, ChangeKind};
use crate::row::{Columns, Row};
use crate::table::Table;

/// The rows that a subscription is about: those that the user may see and the filter takes.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) rows: Bound,
    pub(crate) columns: Columns,
}

impl Scope {
    /// What it is: equal for equal scopes and for no others.
    pub(crate) fn key(&self) -> (String, Columns) {
        (self.rows.canonical(), self.columns.clone())
    }

    /// Its name for clients, who bring it back when they resume: it tells whether what they had was of this scope. One who
    /// makes up a name gets the changes of its own scope nevertheless.
    pub(crate) fn id(&self, epoch: &str) -> String {
        // Fixed keys: the same on every node, and after a restart.
        let mut hasher = foldhash::quality::FixedState::default().build_hasher();
        hasher.write(epoch.as_bytes());
        hasher.write(self.rows.canonical().as_bytes());
        self.columns.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// What its subscribers are told of a change, in order: at most two events. Only the last one has the position: who
    /// was told of both has the whole change.
    pub(crate) fn told(
        &self,
        table: &Table,
        change: &Change,
        encoded: &mut Encoded,
    ) -> Vec<String> {
        let judged = self.judge(table, &change.kind);
        let last = judged.len().saturating_sub(1);
        let told = |(index, (event, row)): (usize, &(EventKind, &Row))| {
            let data = match event {
                EventKind::Deleted => encoded.key(table, row),
                EventKind::Created | EventKind::Updated => encoded.row(table, row, &self.columns),
            };
            let event = Event {
                event: *event,
                resource: table.name(),
                data: &data,
                position: (index == last).then_some(change.position),
            };
            event.to_text()
        };
        judged.iter().enumerate().map(told).collect()
    }

    fn judge<'c>(&self, table: &Table, change: &'c ChangeKind) -> Vec<(EventKind, &'c Row)> {
        match change {
            ChangeKind::Created { after } => self.entered(after).into_iter().collect(),
            ChangeKind::Deleted { before } => self.left(before).into_iter().collect(),
            ChangeKind::Updated { before, after } => self.judge_update(table, before, after),
        }
    }

    fn judge_update<'c>(
        &self,
        table: &Table,
        before: &'c Row,
        after: &'c Row,
    ) -> Vec<(EventKind, &'c Row)> {
        // For those who know it by its key it is another row.
        if before.key(table) != after.key(table) {
            let both = self.left(before).into_iter().chain(self.entered(after));
            return both.collect();
        }
        let event = match (self.rows.matches(before), self.rows.matches(after)) {
            (false, true) => Some((EventKind::Created, after)),
            (true, false) => Some((EventKind::Deleted, before)),
            (true, true) if !self.looks_alike(table, before, after) => {
                Some((EventKind::Updated, after))
            }
            _ => None,
        };
        event.into_iter().collect()
    }

    fn entered<'c>(&self, row: &'c Row) -> Option<(EventKind, &'c Row)> {
        let matches = self.rows.matches(row);
        matches.then_some((EventKind::Created, row))
    }

    fn left<'c>(&self, row: &'c Row) -> Option<(EventKind, &'c Row)> {
        let matches = self.rows.matches(row);
        matches.then_some((EventKind::Deleted, row))
    }

    /// Whether all that its subscribers can see is the same.
    fn looks_alike(&self, table: &Table, one: &Row, other: &Row) -> bool {
        let columns = 0..table.columns().len();
        let mut visible = columns.filter(|at| self.columns.has(*at));
        visible.all(|at| one.get(at) == other.get(at))
    }
}

/// Subscribers of one scope on this node, as a group.
#[derive(Debug)]
pub(crate) struct View {
    group: Group,
}

/// Groups of views have numbers: nothing that a client chooses decides in which it is.
static MADE: AtomicU64 = AtomicU64::new(0);

impl View {
    /// # Errors
    /// When the table's name is too long for a group's.
    pub(crate) fn new(table: &Table, hub: &Hub) -> Result<Self> {
        let number = MADE.fetch_add(1, Ordering::Relaxed).to_string();
        let name = GroupName::local(["live", table.name(), &number]);
        let group = name.and_then(|name| hub.group(name));
        let group = group.map_err(|error| no_group(&error))?;
        Ok(Self { group })
    }

    pub(crate) fn group(&self) -> &Group {
        &self.group
    }
}

fn no_group(error: &sockeye::Error) -> crate::Error {
    let text = format!("cannot make a view: {error}");
    crate::Error::new(crate::ErrorKind::Configuration, text)
}
