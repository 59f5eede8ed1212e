//! Schemas: rows, bodies and pages of a model, and what problems look like.

use serde_json::Value;
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::{
    ArrayBuilder, ComponentsBuilder, KnownFormat, ObjectBuilder, Ref, RefOr, SchemaFormat,
};

use crate::openapi::operations::Shown;
use crate::rights::Operation;
use crate::table::{Column, Float, Kind};

/// Numbers that every reader of JSON keeps exactly: no bound is told beyond them.
const EXACT: i64 = 1 << 53;

/// What a body of a model is for, as it names its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Row,
    Create,
    Replace,
    Change,
}

impl Form {
    pub(crate) const ALL: [Self; 4] = [Self::Row, Self::Create, Self::Replace, Self::Change];

    /// What one has to be permitted to have a use for it.
    fn right(self) -> Operation {
        match self {
            Self::Row => Operation::Read,
            Self::Create => Operation::Create,
            Self::Replace | Self::Change => Operation::Update,
        }
    }

    /// The name of the schema of a table's rows in this form.
    pub(crate) fn name(self, table: &str) -> String {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let table: String = table
            .chars()
            .map(|c| if allowed(c) { c } else { '_' })
            .collect();
        match self {
            Self::Row => table,
            Self::Create => format!("{table}.create"),
            Self::Replace => format!("{table}.replace"),
            Self::Change => format!("{table}.change"),
        }
    }
}

/// The schemas that all models share.
pub(crate) fn shared(components: ComponentsBuilder) -> ComponentsBuilder {
    let place =
        ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Integer]));
    let fault = ObjectBuilder::new()
        .property("type", text())
        .property("loc", ArrayBuilder::new().items(place))
        .property("msg", text())
        .required("type")
        .required("loc")
        .required("msg");
    let problem = ObjectBuilder::new()
        .description(Some("What went wrong, by RFC 9457"))
        .property("type", text())
        .property("title", text())
        .property("status", whole(400, 599))
        .property("detail", text())
        .property(
            "errors",
            ArrayBuilder::new().items(Ref::from_schema_name("fault")),
        )
        .required("type")
        .required("title")
        .required("status")
        .required("detail");
    components.schema("fault", fault).schema("problem", problem)
}

/// The schemas of one model.
pub(crate) fn of(mut components: ComponentsBuilder, shown: &Shown<'_>) -> ComponentsBuilder {
    let table = shown.table();
    for form in Form::ALL.into_iter().filter(|form| shown.may(form.right())) {
        components = components.schema(form.name(table.name()), object(shown, form));
    }
    if !shown.may(Operation::Read) {
        return components;
    }
    let rows = ArrayBuilder::new().items(Ref::from_schema_name(Form::Row.name(table.name())));
    let page = ObjectBuilder::new()
        .property("items", rows)
        .property("total", whole(0, EXACT))
        .property("limit", whole(1, EXACT))
        .property("offset", whole(0, EXACT))
        .required("items")
        .required("limit")
        .required("offset");
    components.schema(page_name(table.name()), page)
}

/// The name of the schema of a page of a table's rows.
pub(crate) fn page_name(table: &str) -> String {
    format!("{}.page", Form::Row.name(table))
}

fn object(shown: &Shown<'_>, form: Form) -> ObjectBuilder {
    let mut object = ObjectBuilder::new();
    for (at, column) in shown.table().columns().iter().enumerate() {
        let is_there = match form {
            Form::Row => shown.visible.has(at),
            Form::Create => shown.writable_at_birth(at),
            Form::Replace | Form::Change => shown.writable.has(at) && !column.is_key(),
        };
        if !is_there {
            continue;
        }
        object = object.property(column.name(), of_column(column));
        let is_required = match form {
            Form::Row => true,
            Form::Create => shown.required_at_birth(at),
            Form::Replace => !column.is_nullable(),
            Form::Change => false,
        };
        if is_required {
            object = object.required(column.name());
        }
    }
    match form {
        Form::Row => object,
        // What is not named is refused.
        _ => object.additional_properties(Some(
            utoipa::openapi::schema::AdditionalProperties::FreeForm(false),
        )),
    }
}

/// A value of a column as it is in JSON.
fn of_column(column: &Column) -> RefOr<Schema> {
    let (kind, schema) = of_kind(column.kind());
    let schema = schema.max_length(column.max_chars().map(|max| max as usize));
    let Some(kind) = kind else {
        return schema.schema_type(SchemaType::AnyValue).into();
    };
    match column.is_nullable() {
        false => schema.schema_type(kind).into(),
        true => {
            let variants = column.variants().map(|variants| {
                let texts = variants.iter().map(|text| Value::from(text.as_str()));
                texts.chain([Value::Null]).collect::<Vec<_>>()
            });
            let schema = schema.schema_type(SchemaType::from_iter([kind, Type::Null]));
            match variants {
                Some(variants) => schema.enum_values(Some(variants)).into(),
                None => schema.into(),
            }
        }
    }
}

/// The type in JSON, none where it may be any, and what else is known.
pub(crate) fn of_kind(kind: &Kind) -> (Option<Type>, ObjectBuilder) {
    let schema = ObjectBuilder::new();
    let known = |format| Some(SchemaFormat::KnownFormat(format));
    #[cfg(feature = "uuid")]
    let custom = |format: &str| Some(SchemaFormat::Custom(format.to_owned()));
    match kind {
        Kind::Bool => (Some(Type::Boolean), schema),
        Kind::Integer(integer) => {
            let (min, max) = integer.range();
            (Some(Type::Integer), whole(min, max))
        }
        Kind::Float(Float::Single) => {
            (Some(Type::Number), schema.format(known(KnownFormat::Float)))
        }
        Kind::Float(Float::Double) => (
            Some(Type::Number),
            schema.format(known(KnownFormat::Double)),
        ),
        Kind::Text => (Some(Type::String), schema),
        Kind::Enum(enumeration) => {
            let variants = enumeration.variants().iter().map(String::as_str);
            (
                Some(Type::String),
                schema.enum_values(Some(variants.map(Value::from))),
            )
        }
        Kind::Bytes => (Some(Type::String), schema.format(known(KnownFormat::Byte))),
        Kind::Json => (None, schema),
        #[cfg(feature = "uuid")]
        Kind::Uuid => (Some(Type::String), schema.format(custom("uuid"))),
        #[cfg(feature = "decimal")]
        Kind::Decimal => (
            Some(Type::String),
            schema.pattern(Some(r"^-?[0-9]+(\.[0-9]+)?$")),
        ),
        #[cfg(feature = "chrono")]
        Kind::Date => (Some(Type::String), schema.format(known(KnownFormat::Date))),
        #[cfg(feature = "chrono")]
        Kind::Time | Kind::DateTime => (
            Some(Type::String),
            schema.description(Some(kind.to_string())),
        ),
        #[cfg(feature = "chrono")]
        Kind::Moment(_) => (
            Some(Type::String),
            schema.format(known(KnownFormat::DateTime)),
        ),
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A whole number in a range.
pub(crate) fn whole(min: i64, max: i64) -> ObjectBuilder {
    let told = |bound: i64| {
        let exact = (-EXACT..=EXACT).contains(&bound);
        isize::try_from(bound).ok().filter(|_| exact)
    };
    let format = match i32::try_from(max) {
        Ok(_) => KnownFormat::Int32,
        Err(_) => KnownFormat::Int64,
    };
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(format)))
        .minimum(told(min))
        .maximum(told(max))
}
