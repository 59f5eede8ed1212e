//! View: the rows that some subscribers see alike, and what they are told when one changes.

mod data;
mod event;

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

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
    /// Equal for equal scopes in one log: clients bring it back when they resume.
    pub(crate) fn id(&self, epoch: &str) -> String {
        // Fixed keys: the same on every node, and after a restart.
        let mut hasher = foldhash::quality::FixedState::default().build_hasher();
        hasher.write(epoch.as_bytes());
        hasher.write(self.rows.canonical().as_bytes());
        self.columns.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}

/// Subscribers of one scope on this node, as a group.
#[derive(Debug)]
pub(crate) struct View {
    table: Arc<Table>,
    scope: Scope,
    group: Group,
}

impl View {
    /// # Errors
    /// When the table's name is too long for a group's.
    pub(crate) fn new(table: &Arc<Table>, scope: Scope, hub: &Hub) -> Result<Self> {
        let name = GroupName::local(["live", table.name(), &scope.id("")]);
        let group = name
            .and_then(|name| hub.group(name))
            .map_err(|error| no_group(&error))?;
        Ok(Self {
            table: Arc::clone(table),
            scope,
            group,
        })
    }

    pub(crate) fn group(&self) -> &Group {
        &self.group
    }

    /// What its subscribers are told of a change, in order: at most two events.
    pub(crate) fn told(&self, change: &Change, encoded: &mut Encoded) -> Vec<String> {
        let position = change.position;
        let told = |(event, row): &(EventKind, &Row)| {
            let columns = &self.scope.columns;
            let data = match event {
                EventKind::Deleted => encoded.key(&self.table, row),
                EventKind::Created | EventKind::Updated => encoded.row(&self.table, row, columns),
            };
            let resource = self.table.name();
            let event = *event;
            let data = &*data;
            Event {
                event,
                resource,
                data,
                position,
            }
            .to_text()
        };
        self.judge(&change.kind).iter().map(told).collect()
    }

    fn judge<'c>(&self, change: &'c ChangeKind) -> Vec<(EventKind, &'c Row)> {
        match change {
            ChangeKind::Created { after } => self.entered(after).into_iter().collect(),
            ChangeKind::Deleted { before } => self.left(before).into_iter().collect(),
            ChangeKind::Updated { before, after } => self.judge_update(before, after),
        }
    }

    fn judge_update<'c>(&self, before: &'c Row, after: &'c Row) -> Vec<(EventKind, &'c Row)> {
        // For those who know it by its key it is another row.
        if before.key(&self.table) != after.key(&self.table) {
            return self
                .left(before)
                .into_iter()
                .chain(self.entered(after))
                .collect();
        }
        let rows = &self.scope.rows;
        let event = match (rows.matches(before), rows.matches(after)) {
            (false, true) => Some((EventKind::Created, after)),
            (true, false) => Some((EventKind::Deleted, before)),
            (true, true) if !self.looks_alike(before, after) => Some((EventKind::Updated, after)),
            _ => None,
        };
        event.into_iter().collect()
    }

    fn entered<'c>(&self, row: &'c Row) -> Option<(EventKind, &'c Row)> {
        self.scope
            .rows
            .matches(row)
            .then_some((EventKind::Created, row))
    }

    fn left<'c>(&self, row: &'c Row) -> Option<(EventKind, &'c Row)> {
        self.scope
            .rows
            .matches(row)
            .then_some((EventKind::Deleted, row))
    }

    /// Whether all that its subscribers can see is the same.
    fn looks_alike(&self, one: &Row, other: &Row) -> bool {
        let columns = 0..self.table.columns().len();
        let mut visible = columns.filter(|at| self.scope.columns.has(*at));
        visible.all(|at| one.get(at) == other.get(at))
    }
}

fn no_group(error: &sockeye::Error) -> crate::Error {
    let text = format!("cannot make a view: {error}");
    crate::Error::new(crate::ErrorKind::Configuration, text)
}
