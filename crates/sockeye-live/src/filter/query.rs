//! Filters in the query of a URL: `?price[lt]=10&name=apple&size[in]=s,m&owner[null]=true`.

use sea_orm::Value;
use sockeye::Place;

use crate::error::Result;
use crate::filter::parse::{Parse, within};
use crate::filter::{Filter, Operator};
use crate::row::Columns;
use crate::table::{Kind, Table};

impl Filter {
    /// Reads pairs of a query, decoded, without those that mean something else (pages, sorting). All have to hold.
    ///
    /// The name is a column, alone for `eq` or with an operator in brackets; `null` is one more operator, and takes true or
    /// false. A list is split at its commas. Fails like [`parse_json`](Self::parse_json), with the name as the place.
    pub(crate) fn parse_query<N: AsRef<str>, V: AsRef<str>>(
        table: &Table,
        visible: &Columns,
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self> {
        let mut parse = Parse::new(table, visible);
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            let bracketed = name.strip_suffix(']').and_then(|name| name.split_once('['));
            let (column, operator) = bracketed.unwrap_or((name, "eq"));
            let place = vec![Place::key(name)];
            match (operator, value) {
                ("null", "true") => {
                    parse.test(column, "eq", place, |kind, _| Ok(vec![kind.null()]));
                }
                ("null", "false") => {
                    parse.test(column, "ne", place, |kind, _| Ok(vec![kind.null()]));
                }
                ("null", _) => parse.test(column, "eq", place, |_, _| {
                    Err((None, "expected true or false".to_owned()))
                }),
                _ => parse.test(column, operator, place, |kind, operator| {
                    read(kind, operator, value)
                }),
            }
        }
        parse.finish()
    }
}

/// The values of one comparison.
fn read(
    kind: &Kind,
    operator: Operator,
    text: &str,
) -> Result<Vec<Value>, (Option<usize>, String)> {
    let one = |text: &str| {
        let value = kind.read_as(operator).read_text(text)?;
        kind.operand(operator, &value)
    };
    if !operator.takes_list() {
        return one(text)
            .map(|value| vec![value])
            .map_err(|why| (None, why));
    }
    within(text.split(',').count())?;
    let parts = text.split(',').enumerate();
    parts
        .map(|(index, text)| one(text).map_err(|why| (Some(index), why)))
        .collect()
}
