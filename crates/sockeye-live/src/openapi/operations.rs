//! Operations: what can be done on the two paths of a model.

use sockeye::Handshake;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, PathItem, PathItemBuilder};
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
use crate::rights::Operation as Right;
use crate::row::Columns;
use crate::store::Store;
use crate::table::Table;

/// A model in the eyes of a client.
pub(crate) struct Shown<'a> {
    store: &'a dyn Store,
    pub(crate) limits: Limits,
    pub(crate) visible: Columns,
    pub(crate) writable: Columns,
    permitted: Vec<Right>,
}

impl<'a> Shown<'a> {
    /// None where the client may do nothing.
    pub(crate) async fn new(resource: &'a Resource, handshake: &Handshake) -> Option<Self> {
        let mut permitted = Vec::with_capacity(Right::ALL.len());
        for right in Right::ALL {
            if resource.guard.permit(right, handshake).await.is_ok() {
                permitted.push(right);
            }
        }
        if permitted.is_empty() {
            return None;
        }
        Some(Self {
            store: &*resource.store,
            limits: resource.limits,
            visible: resource.guard.columns(handshake),
            writable: resource.guard.writable(handshake),
            permitted,
        })
    }

    pub(crate) fn may(&self, right: Right) -> bool {
        self.permitted.contains(&right)
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

    /// The paths of the model on which the client may do something.
    pub(crate) fn paths(&self, paths: PathsBuilder) -> PathsBuilder {
        let table = self.table().name();
        let all = [Right::Read, Right::Create];
        let one = [Right::Read, Right::Update, Right::Delete];
        let may = |any: &[Right]| any.iter().any(|right| self.may(*right));
        let paths = match may(&all) {
            true => paths.path(format!("/api/{table}"), self.of_all()),
            false => paths,
        };
        match may(&one) {
            true => paths.path(format!("/api/{table}/{{key}}"), self.of_one()),
            false => paths,
        }
    }

    fn of_all(&self) -> PathItem {
        let table = self.table().name();
        let mut item = PathItemBuilder::new();
        if self.may(Right::Read) {
            let page = content(page_name(table), "A page of rows");
            let list = self.operation("list", "Lists rows");
            let list = list.parameters(Some(parameters::list(self)));
            item = item.operation(HttpMethod::Get, refused(list.response("200", page)));
        }
        if self.may(Right::Create) {
            let made = match self.may(Right::Read) {
                true => content(Form::Row.name(table), "The row as it was made"),
                false => nothing("Made"),
            };
            let create = self.operation("create", "Makes a row");
            let create = create.request_body(self.body(Form::Create));
            let create = create.response("201", made.into_with_location());
            item = item.operation(HttpMethod::Post, refused(create));
        }
        item.build()
    }

    fn of_one(&self) -> PathItem {
        let mut item = PathItemBuilder::new().parameters(Some([parameters::key(self)]));
        if self.may(Right::Read) {
            let get = self.operation("get", "Gets a row");
            let get = get.response(
                "200",
                content(Form::Row.name(self.table().name()), "The row"),
            );
            item = item.operation(HttpMethod::Get, refused(get));
        }
        if self.may(Right::Update) {
            let replace = "Replaces a row: what is left out becomes null";
            let replace = self.written(self.operation("replace", replace), Form::Replace);
            let change = "Changes some of a row: what is left out stays";
            let change = self.written(self.operation("change", change), Form::Change);
            item = item
                .operation(HttpMethod::Put, refused(replace))
                .operation(HttpMethod::Patch, refused(change));
        }
        if self.may(Right::Delete) {
            let delete = self.operation("delete", "Deletes a row");
            let delete = delete.response("204", nothing("Done"));
            item = item.operation(HttpMethod::Delete, refused(delete));
        }
        item.build()
    }

    /// Who may not read gets no rows that it writes.
    fn written(&self, operation: OperationBuilder, form: Form) -> OperationBuilder {
        let operation = operation.request_body(self.body(form));
        match self.may(Right::Read) {
            true => operation.response(
                "200",
                content(Form::Row.name(self.table().name()), "The row"),
            ),
            false => operation.response("204", nothing("Done")),
        }
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
    let problem = |why: &str| {
        ResponseBuilder::new()
            .description(why)
            .content("application/problem+json", content.clone())
            .build()
    };
    operation
        .response("4XX", problem("Why it was refused"))
        .response("503", problem("Others write or ask too much; try again"))
        .build()
}

fn nothing(description: &str) -> Response {
    ResponseBuilder::new().description(description).build()
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
