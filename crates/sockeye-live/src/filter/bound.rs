//! Bound: a filter with the columns of its table, checked values, and one form for one meaning.

use std::cmp::Ordering;
use std::sync::Arc;

use sea_orm::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::filter::{Filter, Node, Operator, Test};
use crate::table::{Column, Kind, Table};
use crate::value::{is_null, text_of};

/// A filter that can be asked about rows, and be put into SQL.
#[derive(Clone, Debug)]
pub(crate) struct Bound(pub(super) Clause);

/// The forms that are left: `ne` is "not among", and so on.
#[derive(Clone, Debug)]
pub(super) enum Clause {
    Constant(bool),
    Check(Check),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

/// A question about the value of one column.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) at: usize,
    pub(super) column: Arc<Column>,
    pub(super) question: Question,
}

#[derive(Clone, Debug)]
pub(super) enum Question {
    Null,
    /// Not empty.
    Among(Vec<Value>),
    Compare(Comparison, Value),
    Contains(String),
    StartsWith(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Lt,
    Lte,
    Gt,
    Gte,
}

impl Filter {
    /// Finds the columns in the table and checks the values, or says what does not fit: [`ErrorKind::Configuration`],
    /// as what clients send is checked when it is read.
    pub(crate) fn bind(&self, table: &Table) -> Result<Bound> {
        Clause::of(&self.0, table).map(Bound)
    }
}

impl Bound {
    /// Rows that both match.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(Clause::all(vec![self.0, other.0]))
    }
}

impl Clause {
    fn of(node: &Node, table: &Table) -> Result<Self> {
        let each = |nodes: &[Node]| -> Result<Vec<Self>> {
            nodes.iter().map(|node| Self::of(node, table)).collect()
        };
        Ok(match node {
            Node::Constant(truth) => Self::Constant(*truth),
            Node::Test(test) => test.bind(table)?,
            Node::All(nodes) => Self::all(each(nodes)?),
            Node::Any(nodes) => Self::any(each(nodes)?),
            Node::Not(node) => Self::of(node, table)?.not(),
        })
    }

    /// True where all are: flat, sorted, and without what changes nothing.
    fn all(clauses: Vec<Self>) -> Self {
        let flat = clauses.into_iter().flat_map(|clause| match clause {
            Self::All(inner) => inner,
            Self::Constant(true) => Vec::new(),
            other => vec![other],
        });
        let mut clauses = sorted(flat);
        if clauses.iter().any(|clause| clause.is(false)) {
            return Self::Constant(false);
        }
        match clauses.len() {
            0 | 1 => clauses.pop().unwrap_or(Self::Constant(true)),
            _ => Self::All(clauses),
        }
    }

    /// True where one is, likewise.
    fn any(clauses: Vec<Self>) -> Self {
        let flat = clauses.into_iter().flat_map(|clause| match clause {
            Self::Any(inner) => inner,
            Self::Constant(false) => Vec::new(),
            other => vec![other],
        });
        let mut clauses = sorted(flat);
        if clauses.iter().any(|clause| clause.is(true)) {
            return Self::Constant(true);
        }
        match clauses.len() {
            0 | 1 => clauses.pop().unwrap_or(Self::Constant(false)),
            _ => Self::Any(clauses),
        }
    }

    fn is(&self, truth: bool) -> bool {
        matches!(self, Self::Constant(constant) if *constant == truth)
    }

    fn not(self) -> Self {
        match self {
            Self::Constant(truth) => Self::Constant(!truth),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
}

impl Test {
    fn bind(&self, table: &Table) -> Result<Clause> {
        let name = self.column;
        let found = (self.table == table.name())
            .then(|| table.position(name))
            .flatten();
        let Some(at) = found else {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!(
                    "a filter of table {:?} compares column {name:?} of table {:?}: take the columns of the entity it is for",
                    table.name(),
                    self.table,
                ),
            ));
        };
        let column = Arc::clone(table.column(at));
        let question = self.question(column.kind()).map_err(|why| {
            Error::new(
                ErrorKind::Configuration,
                format!(
                    "a filter of table {:?} cannot ask for {name} {}: {why}",
                    table.name(),
                    self.operator.name()
                ),
            )
        })?;
        let negated = matches!(self.operator, Operator::Ne | Operator::NotIn);
        let clause = match question {
            None => Clause::Constant(false),
            Some(question) => Clause::Check(Check {
                at,
                column,
                question,
            }),
        };
        Ok(if negated { clause.not() } else { clause })
    }

    /// What is asked, before `ne` and `not_in` turn it around; nothing for an empty list.
    fn question(&self, kind: &Kind) -> Result<Option<Question>, String> {
        let values = self
            .values
            .iter()
            .map(|value| kind.operand(self.operator, value));
        let mut values = values.collect::<Result<Vec<_>, _>>()?;
        if self.operator.takes_list() {
            values.sort_by(|left, right| kind.compare(left, right).unwrap_or(Ordering::Equal));
            values.dedup();
            return Ok((!values.is_empty()).then_some(Question::Among(values)));
        }
        let Some(value) = values.pop() else {
            return Ok(None);
        };
        let text = || text_of(&value).unwrap_or_default().to_owned();
        Ok(Some(match self.operator {
            _ if is_null(&value) => Question::Null,
            Operator::Lt => Question::Compare(Comparison::Lt, value),
            Operator::Lte => Question::Compare(Comparison::Lte, value),
            Operator::Gt => Question::Compare(Comparison::Gt, value),
            Operator::Gte => Question::Compare(Comparison::Gte, value),
            Operator::Contains => Question::Contains(text()),
            Operator::StartsWith => Question::StartsWith(text()),
            Operator::Eq | Operator::Ne | Operator::In | Operator::NotIn => {
                Question::Among(vec![value])
            }
        }))
    }
}

impl Kind {
    /// A value as this kind compares it, or why it cannot be compared so.
    pub(super) fn operand(&self, operator: Operator, value: &Value) -> Result<Value, String> {
        let equality = matches!(operator, Operator::Eq | Operator::Ne);
        let part = matches!(operator, Operator::Contains | Operator::StartsWith);
        if is_null(value) {
            return match equality {
                true => Ok(self.null()),
                false => Err(format!("found null, expected {self}")),
            };
        }
        match self {
            Self::Json => Err("a column of JSON can only be compared with null".to_owned()),
            Self::Text if part => self.convert(value),
            // A part of a variant is no variant.
            Self::Enum(_) if part => Self::Text.convert(value),
            _ if part => Err(format!("only texts have parts, and the column is {self}")),
            _ => self.comparable(value),
        }
    }
}

/// In the order of their texts, each once.
fn sorted(clauses: impl Iterator<Item = Clause>) -> Vec<Clause> {
    let mut texts: Vec<(String, Clause)> =
        clauses.map(|clause| (clause.canonical(), clause)).collect();
    texts.sort_by(|(left, _), (right, _)| left.cmp(right));
    texts.dedup_by(|(left, _), (right, _)| left == right);
    texts.into_iter().map(|(_, clause)| clause).collect()
}
