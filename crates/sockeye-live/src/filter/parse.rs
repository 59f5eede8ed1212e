//! Filters that clients send as JSON: `{"price":{"lt":10},"name":"apple","owner":null}`.

use sea_orm::Value;
use serde_json::Value as Json;
use sockeye::{Fault, FaultKind, Faults, Place};

use crate::error::{Error, Result};
use crate::filter::{Filter, Node, Operator, Test};
use crate::row::Columns;
use crate::table::{Kind, Table};

/// Comparisons in one filter: each is asked of every change.
const CONDITIONS: usize = 16;

/// Values in one list, as each is looked at for every change.
const VALUES: usize = 100;

/// What becomes a filter: the comparisons that were understood, and what is wrong with the others.
pub(super) struct Parse<'a> {
    table: &'a Table,
    visible: &'a Columns,
    nodes: Vec<Node>,
    faults: Faults,
    count: usize,
}

impl Filter {
    /// Reads an object: for every column a value, null, or an object of operators and values. All have to hold.
    ///
    /// Fails with [`Faults`] whose places begin in the object. A hidden column is as unknown as one that is not there.
    pub(crate) fn parse_json(table: &Table, visible: &Columns, json: &Json) -> Result<Self> {
        let mut parse = Parse::new(table, visible);
        match json {
            Json::Object(fields) => {
                for (name, asked) in fields {
                    parse.field(name, asked);
                }
            }
            _ => parse.fault(FaultKind::TypeError, [], "expected an object of columns"),
        }
        parse.finish()
    }
}

impl<'a> Parse<'a> {
    pub(super) fn new(table: &'a Table, visible: &'a Columns) -> Self {
        Self {
            table,
            visible,
            nodes: Vec::new(),
            faults: Faults::default(),
            count: 0,
        }
    }

    fn field(&mut self, name: &str, asked: &Json) {
        match asked {
            Json::Object(operators) if operators.is_empty() => {
                let why = format!("expected an operator: {}", Operator::names());
                self.fault(FaultKind::Missing, [Place::key(name)], why);
            }
            Json::Object(operators) => {
                for (operator, operand) in operators {
                    let place = vec![Place::key(name), Place::key(operator)];
                    let read = |kind: &Kind, operator: Operator| read(kind, operator, operand);
                    self.test(name, operator, place, read);
                }
            }
            value => {
                let place = vec![Place::key(name)];
                self.test(name, "eq", place, |kind, eq| read(kind, eq, value));
            }
        }
    }

    /// Takes one comparison, whose values `read` makes: on failure with the index in the list, where it is one value's.
    pub(super) fn test(
        &mut self,
        name: &str,
        operator: &str,
        place: Vec<Place>,
        read: impl FnOnce(&Kind, Operator) -> Result<Vec<Value>, (Option<usize>, String)>,
    ) {
        self.count += 1;
        if self.count > CONDITIONS {
            return;
        }
        let known = self.table.position(name);
        let Some(at) = known.filter(|&at| self.visible.has(at)) else {
            return self.fault(FaultKind::ExtraForbidden, place, "unknown column");
        };
        let Some(operator) = Operator::named(operator) else {
            let why = format!("unknown operator, expected one of {}", Operator::names());
            return self.fault(FaultKind::ExtraForbidden, place, why);
        };
        let column = self.table.column(at);
        match read(column.kind(), operator) {
            Ok(values) => self.nodes.push(Node::Test(Test {
                table: self.table.name().to_owned(),
                column: column.name(),
                operator,
                values,
            })),
            Err((index, why)) => {
                let place = place.into_iter().chain(index.map(Place::Index));
                self.fault(FaultKind::ValueError, place, why);
            }
        }
    }

    fn fault(
        &mut self,
        kind: FaultKind,
        place: impl IntoIterator<Item = Place>,
        why: impl Into<String>,
    ) {
        self.faults.push(Fault::new(kind, place, why.into()));
    }

    pub(super) fn finish(mut self) -> Result<Filter> {
        if self.count > CONDITIONS {
            let why = format!(
                "found {} comparisons, expected at most {CONDITIONS}",
                self.count
            );
            self.fault(FaultKind::ValueError, [], why);
        }
        if self.faults.is_empty() {
            Ok(Filter(Node::All(self.nodes)))
        } else {
            Err(Error::faulty(
                format!("the filter cannot be used: {}", self.faults),
                self.faults,
            ))
        }
    }
}

/// The values of one comparison.
fn read(
    kind: &Kind,
    operator: Operator,
    json: &Json,
) -> Result<Vec<Value>, (Option<usize>, String)> {
    if !operator.takes_list() {
        return one(kind, operator, json)
            .map(|value| vec![value])
            .map_err(|why| (None, why));
    }
    let Json::Array(list) = json else {
        return Err((None, "expected a list".to_owned()));
    };
    within(list.len())?;
    let values = list.iter().enumerate();
    values
        .map(|(index, json)| one(kind, operator, json).map_err(|why| (Some(index), why)))
        .collect()
}

/// Whether a list is not too long.
pub(super) fn within(values: usize) -> Result<(), (Option<usize>, String)> {
    if values <= VALUES {
        return Ok(());
    }
    Err((
        None,
        format!("found {values} values, expected at most {VALUES}"),
    ))
}

fn one(kind: &Kind, operator: Operator, json: &Json) -> Result<Value, String> {
    let value = kind.read_as(operator).read_json(json)?;
    kind.operand(operator, &value)
}

impl Operator {
    pub(super) fn names() -> String {
        Self::ALL.map(|(name, _)| name).join(", ")
    }
}

impl Kind {
    /// The kind that an operand has: a part of an enum's variant is any text.
    pub(super) fn read_as(&self, operator: Operator) -> &Self {
        match (self, operator) {
            (Self::Enum(_), Operator::Contains | Operator::StartsWith) => &Self::Text,
            _ => self,
        }
    }
}
