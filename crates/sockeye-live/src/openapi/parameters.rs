//! Parameters: the key in a path, and what a list may be asked for.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{Schema, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Required};

use crate::openapi::operations::Shown;
use crate::openapi::schema::{of_kind, whole};
use crate::table::{Column, Kind};

/// Columns of a pattern that a sort is checked by in tools; more is checked by the server alone.
const NAMED: usize = 64;

/// The key at the end of a path.
pub(crate) fn key(shown: &Shown<'_>) -> Parameter {
    let table = shown.table();
    let (schema, description): (RefOr<Schema>, _) = match table.key() {
        [at] => {
            let (kind, schema) = of_kind(table.column(*at).kind());
            let schema = schema.schema_type(kind.unwrap_or(Type::String));
            (schema.into(), "The primary key of the row".to_owned())
        }
        parts => {
            let names: Vec<&str> = parts.iter().map(|at| table.column(*at).name()).collect();
            let text = ObjectBuilder::new().schema_type(Type::String);
            (
                text.into(),
                format!("The primary key of the row: {}", names.join(",")),
            )
        }
    };
    ParameterBuilder::new()
        .name("key")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

/// What a list may be asked for.
pub(crate) fn list(shown: &Shown<'_>) -> Vec<Parameter> {
    let limits = &shown.limits;
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let limit = whole(1, signed(limits.max_page_size)).default(Some(limits.page_size.into()));
    let offset = whole(0, signed(limits.max_offset)).default(Some(0.into()));
    let total = ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .default(Some(true.into()));
    let mut parameters = vec![
        query("limit", "Rows of the page at most", limit),
        query("offset", "Rows to pass over", offset),
        query(
            "sort",
            "Columns to sort by, parted by commas; a minus turns the order around",
            sort(shown),
        ),
        query(
            "total",
            "Whether to count the rows of all pages, which takes long where there are many",
            total,
        ),
    ];
    let columns = shown.table().columns().iter().enumerate();
    let columns =
        columns.filter(|(at, column)| shown.visible.has(*at) && *column.kind() != Kind::Json);
    parameters.extend(columns.map(|(_, column)| filter(column)));
    parameters
}

fn sort(shown: &Shown<'_>) -> ObjectBuilder {
    let columns = shown.table().columns().iter().enumerate();
    let sortable = columns.filter(|(at, column)| {
        shown.visible.has(*at) && !matches!(column.kind(), Kind::Json | Kind::Bytes)
    });
    let names: Vec<_> = sortable.map(|(_, column)| escaped(column.name())).collect();
    let schema = ObjectBuilder::new().schema_type(Type::String);
    if names.len() > NAMED {
        return schema;
    }
    let one = format!("-?({})", names.join("|"));
    schema.pattern(Some(format!("^{one}(,{one})*$")))
}

/// The comparisons of one column: `?price[lt]=10`.
fn filter(column: &Column) -> Parameter {
    let kind = column.kind();
    let value = || {
        let (kind, schema) = of_kind(kind);
        schema.schema_type(kind.unwrap_or(Type::String))
    };
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let mut object = ObjectBuilder::new();
    for operator in ["eq", "ne"] {
        object = object.property(operator, value());
    }
    if *kind != Kind::Bytes {
        for operator in ["lt", "lte", "gt", "gte"] {
            object = object.property(operator, value());
        }
    }
    for operator in ["in", "not_in"] {
        object = object.property(
            operator,
            text().description(Some("Values, parted by commas")),
        );
    }
    if *kind == Kind::Text {
        for operator in ["contains", "starts_with"] {
            object = object.property(operator, text());
        }
    }
    if column.is_nullable() {
        object = object.property("null", ObjectBuilder::new().schema_type(Type::Boolean));
    }
    let name = column.name();
    let description = format!("Rows by their {name}; `{name}=..` is short for `{name}[eq]=..`");
    let parameter = query(name, &description, object);
    ParameterBuilder::from(parameter)
        .style(Some(ParameterStyle::DeepObject))
        .explode(Some(true))
        .build()
}

fn query(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

/// A name in a pattern.
fn escaped(name: &str) -> String {
    let special = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    name.chars().fold(String::new(), |mut text, c| {
        if special(c) {
            text.push('\\');
        }
        text.push(c);
        text
    })
}
