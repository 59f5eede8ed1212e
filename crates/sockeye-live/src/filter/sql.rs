//! Filters in SQL: the conditions and the order that each database needs for the one meaning.

use sea_orm::sea_query::{BinOper, Expr, ExprTrait, StringLen};
use sea_orm::{ColumnType, Condition, DbBackend, Value};

use crate::filter::bound::{Bound, Check, Clause, Comparison, Question};
use crate::table::{Column, Kind};
use crate::value::text_of;

impl Bound {
    /// The condition of a query; columns are qualified by their table.
    pub(crate) fn condition(&self, backend: DbBackend) -> Condition {
        Condition::all().add(self.0.expr(backend))
    }
}

impl Clause {
    fn expr(&self, backend: DbBackend) -> Expr {
        let join = |clauses: &[Self], neutral: bool, with: BinOper| {
            let exprs = clauses.iter().map(|clause| clause.expr(backend));
            exprs
                .reduce(|left, right| left.binary(with, right))
                .unwrap_or_else(|| constant(neutral))
        };
        match self {
            Self::Constant(truth) => constant(*truth),
            Self::Check(check) => check.expr(backend),
            Self::All(clauses) => join(clauses, true, BinOper::And),
            Self::Any(clauses) => join(clauses, false, BinOper::Or),
            Self::Not(clause) => clause.expr(backend).not(),
        }
    }
}

fn constant(truth: bool) -> Expr {
    Expr::cust(if truth { "1 = 1" } else { "1 = 0" })
}

impl Check {
    fn expr(&self, backend: DbBackend) -> Expr {
        let column = &self.column;
        match &self.question {
            Question::Null => column.expr().is_null(),
            Question::Among(values) => column.among(values, backend),
            Question::Compare(comparison, value) => column.compare(*comparison, value, backend),
            Question::Contains(part) => column.position_of(part, backend).gt(Expr::cust("0")),
            Question::StartsWith(part) => column.position_of(part, backend).eq(Expr::cust("1")),
        }
    }
}

impl Column {
    /// What rows are sorted by so that their order is the one of [`Kind::compare`]; nulls are where the database puts
    /// them.
    pub(crate) fn sorted(&self, backend: DbBackend) -> Expr {
        match self.kind() {
            Kind::Text | Kind::Enum(_) => self.bytes(backend),
            #[cfg(feature = "chrono")]
            Kind::Moment(_) if backend == DbBackend::Sqlite => self.moment(),
            _ => self.expr(),
        }
    }

    /// Compares by order with a value of the column's kind that is not null.
    pub(crate) fn compare(
        &self,
        comparison: Comparison,
        value: &Value,
        backend: DbBackend,
    ) -> Expr {
        let operator = match comparison {
            Comparison::Lt => BinOper::SmallerThan,
            Comparison::Lte => BinOper::SmallerThanOrEqual,
            Comparison::Gt => BinOper::GreaterThan,
            Comparison::Gte => BinOper::GreaterThanOrEqual,
        };
        self.sorted(backend)
            .binary(operator, self.operand(value, backend))
    }

    /// Whether the value is one of these, at least one, of the column's kind and not null.
    pub(crate) fn among(&self, values: &[Value], backend: DbBackend) -> Expr {
        let exactly = one_of(
            self.sorted(backend),
            values.iter().map(|value| self.operand(value, backend)),
        );
        let plainly = || {
            one_of(
                self.expr(),
                values.iter().map(|value| self.bound(value.clone())),
            )
        };
        match (self.kind(), backend) {
            // Equal by any collation but a nondeterministic one is equal by bytes, and an index helps.
            (Kind::Enum(_), DbBackend::Postgres) => plainly(),
            (Kind::Text, DbBackend::Postgres) if self.is_plain_text() => plainly(),
            // What is equal by bytes is so by any collation, whose index narrows the search.
            (Kind::Text | Kind::Enum(_), DbBackend::MySql) => plainly().and(exactly),
            _ => exactly,
        }
    }

    /// Where a text begins in the column's, counted from 1; 0 where it does not.
    fn position_of(&self, part: &str, backend: DbBackend) -> Expr {
        let call = match backend {
            DbBackend::Postgres => "strpos($1, $2)",
            DbBackend::MySql => "instr(?, CAST(? AS BINARY))",
            _ => "instr(?, ?)",
        };
        Expr::cust_with_exprs(call, [self.bytes(backend), Expr::val(part)])
    }

    /// The text in the order of its bytes, whatever collation the column has.
    fn bytes(&self, backend: DbBackend) -> Expr {
        let text = match backend {
            DbBackend::Postgres if self.is_plain_text() => "$1 COLLATE \"C\"",
            // A cast would take away the spaces at its end, which the column's values have.
            DbBackend::Postgres if matches!(self.stored(), ColumnType::Char(_)) => {
                "textin(bpcharout($1)) COLLATE \"C\""
            }
            DbBackend::Postgres => "CAST($1 AS text) COLLATE \"C\"",
            DbBackend::MySql => "CAST(CONVERT(? USING utf8mb4) AS BINARY)",
            _ => "? COLLATE BINARY",
        };
        Expr::cust_with_expr(text, self.expr())
    }

    fn is_plain_text(&self) -> bool {
        matches!(
            self.stored(),
            ColumnType::Text
                | ColumnType::String(StringLen::N(_) | StringLen::Max | StringLen::None)
        )
    }

    /// A value beside [`sorted`](Self::sorted).
    fn operand(&self, value: &Value, backend: DbBackend) -> Expr {
        match (self.kind(), backend) {
            (Kind::Text | Kind::Enum(_), DbBackend::MySql) => Expr::cust_with_expr(
                "CAST(? AS BINARY)",
                Expr::val(text_of(value).unwrap_or_default()),
            ),
            (Kind::Text | Kind::Enum(_), _) => Expr::val(text_of(value).unwrap_or_default()),
            #[cfg(feature = "chrono")]
            (Kind::Moment(_), DbBackend::Sqlite) => Expr::val(crate::value::utc_text(value)),
            _ => self.bound(value.clone()),
        }
    }

    /// A moment of SQLite, which keeps it as a text of any zone, as a text of UTC without zeros at its end: the form of
    /// [`utc_text`](crate::value::utc_text).
    #[cfg(feature = "chrono")]
    fn moment(&self) -> Expr {
        // The fraction is put beside, because SQLite counts milliseconds. A text without a zone is of UTC.
        const UTC: &str = "(strftime('%Y-%m-%dT%H:%M:%S', \
            CASE WHEN substr(?, -6, 1) IN ('+', '-') THEN substr(?, 1, 19) || substr(?, -6) ELSE substr(?, 1, 19) END) \
            || rtrim(CASE WHEN substr(?, -6, 1) IN ('+', '-') THEN substr(?, 20, length(?) - 25) ELSE substr(?, 20) END, 'Z0.'))";
        Expr::cust_with_exprs(UTC, std::iter::repeat_n(self.expr(), 8))
    }
}

/// Equal to one of some expressions.
fn one_of(left: Expr, mut values: impl ExactSizeIterator<Item = Expr>) -> Expr {
    match (values.len(), values.next()) {
        (1, Some(value)) => left.eq(value),
        (_, first) => left.is_in(first.into_iter().chain(values)),
    }
}
