//! Filters in memory: whether a row matches, by the logic of SQL with its three values.

use std::cmp::Ordering;

use crate::filter::bound::{Bound, Check, Clause, Comparison, Question};
use crate::row::Row;
use crate::value::{is_null, text_of};

impl Bound {
    /// Whether the database would find the row with this filter.
    pub(crate) fn matches(&self, row: &Row) -> bool {
        self.0.truth(row) == Some(true)
    }
}

impl Clause {
    /// True, false, or neither.
    fn truth(&self, row: &Row) -> Option<bool> {
        match self {
            Self::Constant(truth) => Some(*truth),
            Self::Check(check) => check.truth(row),
            Self::All(clauses) => decided(clauses, row, false),
            Self::Any(clauses) => decided(clauses, row, true),
            Self::Not(clause) => clause.truth(row).map(|truth| !truth),
        }
    }
}

/// One clause of the decisive truth is enough; without one, neither wins over the other.
fn decided(clauses: &[Clause], row: &Row, decisive: bool) -> Option<bool> {
    let mut all_known = true;
    for clause in clauses {
        match clause.truth(row) {
            Some(truth) if truth == decisive => return Some(decisive),
            truth => all_known &= truth.is_some(),
        }
    }
    all_known.then_some(!decisive)
}

impl Check {
    fn truth(&self, row: &Row) -> Option<bool> {
        let found = row.get(self.at);
        let kind = self.column.kind();
        match &self.question {
            Question::Null => Some(is_null(found)),
            _ if is_null(found) => None,
            Question::Among(values) => {
                let equal = |value| kind.compare(found, value) == Some(Ordering::Equal);
                Some(values.iter().any(equal))
            }
            Question::Compare(comparison, value) => kind
                .compare(found, value)
                .map(|order| comparison.holds(order)),
            Question::Contains(part) => text_of(found).map(|text| text.contains(part)),
            Question::StartsWith(part) => text_of(found).map(|text| text.starts_with(part)),
        }
    }
}

impl Comparison {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Lt => order.is_lt(),
            Self::Lte => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Gte => order.is_ge(),
        }
    }
}
