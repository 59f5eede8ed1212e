//! Operations: what can be done on the two paths of a model.

use sockeye::Handshake;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, PathItemBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, PathsBuilder, Ref, Required, Response, ResponseBuilder,
};

use crate::limits::Limits;
use crate::openapi::parameters;
use crate::openapi::schema::{Form, page_name};
use crate::resource::Resource;
use crate::rest::is_counted;
use crate::row::Columns;
use crate::store::Store;
use crate::table::Table;

/// A model in the eyes of a client.
pub(crate) struct Shown<'a> {
    store: &'a dyn Store,
    pub(crate) limits: Limits,
    pub(crate) visible: Columns,
    pub(crate) writable: Columns,
}

impl<'a> Shown<'a> {
    pub(crate) fn new(resource: &'a Resource, handshake: &Handshake) -> Self {
        Self {
            store: &*resource.store,
            limits: resource.limits,
            visible: resource.guard.columns(handshake),
            writable: resource.guard.writable(handshake),
        }
    }

    pub(crate) fn table(&self) -> &Table {
        self.store.table()
    }

    /// Whether a new row may be given a value in the column at a position.
    pub(crate) fn writable_at_birth(&self, at: usize) -> bool {
        self.writable.has(at) && !is_counted(self.table().column(at))
    }

    /// Whether it must be.
    pub(crate) fn required_at_birth(&self, at: usize) -> bool {
        let column = self.table().column(at);
        !column.is_nullable() && !column.is_generated() && !self.store.filled().has(at)
    }

    /// The paths of the model.
    pub(crate) fn paths(&self, paths: PathsBuilder) -> PathsBuilder {
        let table = self.table().name();
        let page = content(page_name(table), "A page of rows");
        let list = self.operation("list", "Lists rows");
        let list = list
            .parameters(Some(parameters::list(self)))
            .response("200", page);
        let made = content(
            Form::Row.name(table),
            "The row as it was made; left out for who may not read",
        )
        .into_with_location();
        let create = self
            .operation("create", "Makes a row")
            .request_body(self.body(Form::Create));
        let create = create.response("201", made);
        let all = PathItemBuilder::new()
            .operation(HttpMethod::Get, refused(list))
            .operation(HttpMethod::Post, refused(create))
            .build();
        let row = || content(Form::Row.name(table), "The row");
        let nothing = |why: &str| ResponseBuilder::new().description(why).build();
        let unread = "Done, for who may not read";
        let get = self.operation("get", "Gets a row").response("200", row());
        let replace = self.operation("replace", "Replaces a row: what is left out becomes null");
        let replace = replace
            .request_body(self.body(Form::Replace))
            .response("200", row());
        let change = self.operation("change", "Changes some of a row: what is left out stays");
        let change = change
            .request_body(self.body(Form::Change))
            .response("200", row());
        let delete = self
            .operation("delete", "Deletes a row")
            .response("204", nothing("Done"));
        let one = PathItemBuilder::new()
            .parameters(Some([parameters::key(self)]))
            .operation(HttpMethod::Get, refused(get))
            .operation(
                HttpMethod::Put,
                refused(replace.response("204", nothing(unread))),
            )
            .operation(
                HttpMethod::Patch,
                refused(change.response("204", nothing(unread))),
            )
            .operation(HttpMethod::Delete, refused(delete))
            .build();
        paths
            .path(format!("/api/{table}"), all)
            .path(format!("/api/{table}/{{key}}"), one)
    }

    fn operation(&self, verb: &str, summary: &str) -> OperationBuilder {
        let table = self.table().name();
        OperationBuilder::new()
            .tag(table)
            .operation_id(Some(format!("{verb}_{table}")))
            .summary(Some(summary))
    }

    fn body(&self, form: Form) -> Option<RequestBody> {
        let schema = Ref::from_schema_name(form.name(self.table().name()));
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let body = RequestBodyBuilder::new()
            .required(Some(Required::True))
            .content("application/json", content);
        Some(body.build())
    }
}

/// Says what a refusal looks like, which is the same everywhere.
fn refused(operation: OperationBuilder) -> Operation {
    let schema = Ref::from_schema_name("problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new()
        .description("Why it was refused")
        .content("application/problem+json", content);
    operation.response("4XX", response.build()).build()
}

fn content(schema: String, description: &str) -> Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(schema)))
        .build();
    ResponseBuilder::new()
        .description(description)
        .content("application/json", content)
        .build()
}

/// An answer that names what it made.
trait WithLocation {
    fn into_with_location(self) -> Response;
}

impl WithLocation for Response {
    fn into_with_location(mut self) -> Response {
        let path = ObjectBuilder::new().schema_type(Type::String);
        let header = HeaderBuilder::new()
            .description(Some("The path of the row"))
            .schema(Some(path))
            .build();
        self.headers.insert("Location".to_owned(), header.into());
        self
    }
}
