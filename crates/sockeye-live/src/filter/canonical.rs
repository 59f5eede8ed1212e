//! The name of a filter: one text for one meaning, by which views are shared.

use sea_orm::Value;

use crate::filter::bound::{Bound, Check, Clause, Question};

impl Bound {
    /// One text for all filters that are the same but for the order and the repetition of their parts.
    pub(crate) fn canonical(&self) -> String {
        self.0.canonical()
    }
}

impl Clause {
    pub(super) fn canonical(&self) -> String {
        let join = |clauses: &[Self], with: &str| {
            let texts: Vec<String> = clauses.iter().map(Self::canonical).collect();
            format!("({})", texts.join(with))
        };
        match self {
            Self::Constant(truth) => truth.to_string(),
            Self::Check(check) => check.canonical(),
            Self::All(clauses) => join(clauses, " & "),
            Self::Any(clauses) => join(clauses, " | "),
            Self::Not(clause) => format!("!{}", clause.canonical()),
        }
    }
}

impl Check {
    fn canonical(&self) -> String {
        // Debug of a text is quoted and escaped, so that no value can pose as a part of the filter.
        let text = |value: &Value| format!("{:?}", self.column.kind().to_text(value));
        let name = self.column.name();
        match &self.question {
            Question::Null => format!("{name:?} null"),
            Question::Among(values) => {
                let texts: Vec<String> = values.iter().map(text).collect();
                format!("{name:?} in [{}]", texts.join(","))
            }
            Question::Compare(comparison, value) => {
                format!("{name:?} {comparison:?} {}", text(value))
            }
            Question::Contains(part) => format!("{name:?} contains {part:?}"),
            Question::StartsWith(part) => format!("{name:?} starts with {part:?}"),
        }
    }
}
