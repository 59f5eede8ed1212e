//! Columns: some columns of a table.

use crate::table::Table;

/// Which columns of a table: the ones that a user may see.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Columns(Vec<u64>);

impl Columns {
    /// All of them.
    pub(crate) fn all(table: &Table) -> Self {
        Self::of(table, 0..table.columns().len())
    }

    /// Those of the primary key.
    pub(crate) fn key(table: &Table) -> Self {
        Self::of(table, table.key().iter().copied())
    }

    /// Those at the positions.
    pub(crate) fn of(table: &Table, positions: impl IntoIterator<Item = usize>) -> Self {
        let mut bits = vec![0; table.columns().len().div_ceil(64)];
        for at in positions {
            bits[at / 64] |= 1 << (at % 64);
        }
        Self(bits)
    }

    /// Whether the column at a position is one of them.
    pub(crate) fn has(&self, at: usize) -> bool {
        self.0
            .get(at / 64)
            .is_some_and(|bits| bits >> (at % 64) & 1 == 1)
    }

    /// These without the column at a position.
    pub(crate) fn without(mut self, at: usize) -> Self {
        if let Some(bits) = self.0.get_mut(at / 64) {
            *bits &= !(1 << (at % 64));
        }
        self
    }
}
