//! Page: which rows a list is asked for, in which order: `?limit=20&offset=40&sort=-price,name&price[lt]=10`.
//!
//! `limit`, `offset`, `sort` and `total` are never columns; a column of such a name is filtered by `limit[eq]`.

use sockeye::{Fault, FaultKind, Faults, Place, Query};

use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::limits::Limits;
use crate::row::Columns;
use crate::store::{Page, Sort};
use crate::table::{Kind, Table};

/// Columns to sort by at most: each makes the database compare more.
const SORTS: usize = 8;

/// What a list is asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) page: Page,
    pub(crate) filter: Filter,
}

/// Reads a query, on the columns that its sender may see.
///
/// # Errors
/// The parameters that cannot be used, each with its reason.
pub(crate) fn read(
    table: &Table,
    visible: &Columns,
    limits: &Limits,
    query: Query<'_>,
) -> Result<Asked> {
    let mut reading = Reading {
        table,
        visible,
        faults: Faults::default(),
        page: Page {
            sort: Vec::new(),
            limit: limits.page_size,
            offset: 0,
            total: true,
        },
    };
    if let Err(error) = query.check() {
        reading.fault("", error.to_string());
    }
    let mut filters = Vec::new();
    let mut seen = Vec::new();
    for (name, value) in query.iter() {
        if !["limit", "offset", "sort", "total"].contains(&&*name) {
            filters.push((name, value));
            continue;
        }
        if seen.contains(&name) {
            reading.fault(&name, "found twice, expected once".to_owned());
        }
        match &*name {
            "limit" => reading.page.limit = reading.number(&name, &value, 1, limits.max_page_size),
            "offset" => reading.page.offset = reading.number(&name, &value, 0, limits.max_offset),
            "total" => reading.page.total = reading.flag(&name, &value),
            _ => reading.sort(&value),
        }
        seen.push(name);
    }
    let Reading { page, faults, .. } = reading;
    if !faults.is_empty() {
        return Err(Error::faulty(
            format!("the query cannot be used: {faults}"),
            faults,
        ));
    }
    let filter = Filter::parse_query(table, visible, filters)?;
    Ok(Asked { page, filter })
}

struct Reading<'a> {
    table: &'a Table,
    visible: &'a Columns,
    faults: Faults,
    page: Page,
}

impl Reading<'_> {
    fn number(&mut self, name: &str, text: &str, min: u64, max: u64) -> u64 {
        let number = text
            .parse()
            .ok()
            .filter(|number| (min..=max).contains(number));
        number.unwrap_or_else(|| {
            let found = text.chars().take(40).collect::<String>();
            self.fault(
                name,
                format!("found {found:?}, expected a whole number from {min} to {max}"),
            );
            min
        })
    }

    fn flag(&mut self, name: &str, text: &str) -> bool {
        text.parse().unwrap_or_else(|_| {
            let found = text.chars().take(40).collect::<String>();
            self.fault(name, format!("found {found:?}, expected true or false"));
            true
        })
    }

    fn sort(&mut self, text: &str) {
        for name in text.split(',') {
            let (descending, name) = match name.strip_prefix('-') {
                Some(name) => (true, name),
                None => (false, name),
            };
            let at = self.table.position(name).filter(|at| self.visible.has(*at));
            let Some(at) = at else {
                let name = name.chars().take(40).collect::<String>();
                return self.fault("sort", format!("unknown column {name:?}"));
            };
            if matches!(self.table.column(at).kind(), Kind::Json | Kind::Bytes) {
                return self.fault("sort", format!("column {name:?} has no order"));
            }
            if self.page.sort.iter().any(|sort| sort.at == at) {
                return self.fault(
                    "sort",
                    format!("found column {name:?} twice, expected once"),
                );
            }
            self.page.sort.push(Sort { at, descending });
        }
        if self.page.sort.len() > SORTS {
            let found = self.page.sort.len();
            self.fault(
                "sort",
                format!("found {found} columns, expected at most {SORTS}"),
            );
        }
    }

    fn fault(&mut self, name: &str, text: String) {
        let place = (!name.is_empty()).then(|| Place::key(name));
        self.faults
            .push(Fault::new(FaultKind::ValueError, place, text));
    }
}
