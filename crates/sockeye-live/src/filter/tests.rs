//! What a filter is read from, refused for, and called.

use sea_orm::{DbBackend, EntityTrait, QueryFilter, QueryTrait};
use serde_json::{Value as Json, json};

use super::{Filter, column};
use crate::error::{Error, ErrorKind};
use crate::row::Columns;
use crate::table::Table;
use crate::table::tests::{composite, sample};

fn table() -> Table {
    Table::of::<sample::Entity>().unwrap()
}

fn canonical(filter: &Filter) -> String {
    filter.bind(&table()).unwrap().canonical()
}

fn of_json(json: &Json) -> Result<Filter, Error> {
    Filter::parse_json(&table(), &Columns::all(&table()), json)
}

fn of_query(query: &[(&str, &str)]) -> Result<Filter, Error> {
    Filter::parse_query(&table(), &Columns::all(&table()), query.iter().copied())
}

fn faults(error: &Error) -> String {
    serde_json::to_string(error.faults().unwrap()).unwrap()
}

#[test]
fn json_query_and_code_say_the_same() {
    use sample::Column::{Flag, Id, Name, Size};

    let json = json!({
        "id": {"lt": 10, "gte": 1}, "name": "apple", "flag": null, "dimension": {"in": ["small", "large"]}
    });
    let query = [
        ("name", "apple"),
        ("flag[null]", "true"),
        ("id[gte]", "1"),
        ("id[lt]", "10"),
        ("dimension[in]", "large,small"),
    ];
    let code = column(Size).is_in(["large", "small", "large"])
        & (column(Id).lt(10) & column(Id).gte(1_i16))
        & column(Name).eq("apple")
        & column(Flag).eq(None::<bool>)
        & column(Name).is_in(["apple"])
        & Filter::all();
    let text = canonical(&code);
    assert_eq!(canonical(&of_json(&json).unwrap()), text);
    assert_eq!(canonical(&of_query(&query).unwrap()), text);
    assert_ne!(canonical(&!code), text);
}

#[test]
fn what_always_holds_and_what_never_does_is_left_out() {
    use sample::Column::Name;

    let name = || column(Name).eq("a");
    assert_eq!(canonical(&of_json(&json!({})).unwrap()), "true");
    assert_eq!(canonical(&(name() | Filter::none())), canonical(&name()));
    assert_eq!(canonical(&(name() & Filter::none())), "false");
    assert_eq!(canonical(&(name() | Filter::all())), "true");
    assert_eq!(canonical(&!!name()), canonical(&name()));
    assert_eq!(
        canonical(&column(Name).is_in(Vec::<String>::new())),
        "false"
    );
    assert_eq!(
        canonical(&column(Name).is_not_in(Vec::<String>::new())),
        "true"
    );
}

#[test]
fn a_value_cannot_pose_as_a_part_of_the_filter() {
    use sample::Column::Name;

    let one = column(Name).is_in([r#"a"),Some("b"#]);
    let two = column(Name).is_in(["a", "b"]);
    assert_ne!(canonical(&one), canonical(&two));
}

#[test]
fn faults_name_the_field_and_what_was_expected() {
    let wrong = json!({
        "id": {"lt": "ten", "less": 1}, "small": 40000, "price": 1, "flag": {},
        "name": {"in": ["a", null]}, "more": {"eq": {}}, "ratio": {"contains": 1.5}
    });
    let error = of_json(&wrong).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Invalid, 422));
    let told = faults(&error);
    for part in [
        r#"{"type":"value_error","loc":["id","lt"],"msg":"found \"ten\", expected a whole number from -9223372036854775808"#,
        r#"{"type":"extra_forbidden","loc":["id","less"],"msg":"unknown operator, expected one of eq, ne"#,
        r#""loc":["small"],"msg":"found 40000, expected a whole number from -32768 to 32767""#,
        r#""loc":["price"],"msg":"unknown column""#,
        r#"{"type":"missing","loc":["flag"]"#,
        r#""loc":["name","in",1],"msg":"found null, expected a text""#,
        r#""loc":["more","eq"],"msg":"a column of JSON can only be compared with null""#,
        r#""loc":["ratio","contains"],"msg":"only texts have parts"#,
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    let error = of_query(&[
        ("id[lt]", "ten"),
        ("flag[null]", "maybe"),
        ("a[b][c]", ""),
        ("", ""),
    ]);
    let told = faults(&error.unwrap_err());
    assert!(
        told.contains(r#""loc":["id[lt]"],"msg":"found \"ten\""#),
        "{told}"
    );
    assert!(
        told.contains(r#""loc":["flag[null]"],"msg":"expected true or false""#),
        "{told}"
    );
}

#[test]
fn a_hidden_column_is_as_unknown_as_one_that_is_not_there() {
    let table = table();
    let visible = Columns::all(&table).without(table.position("name").unwrap());
    for asked in [
        json!(1),
        json!({"less": 1}),
        json!({"lt": []}),
        json!({"eq": "a"}),
    ] {
        let told = |name: &str| {
            let json = json!({name: asked});
            let error = Filter::parse_json(&table, &visible, &json).unwrap_err();
            error.to_string().replace(name, "?")
        };
        assert_eq!(told("name"), told("cost"));
    }
}

#[test]
fn what_costs_too_much_is_refused() {
    let fields: Vec<(&str, &str)> = vec![("id[ne]", "1"); 17];
    assert!(of_query(&fields[..16]).is_ok());
    let told = faults(&of_query(&fields).unwrap_err());
    assert!(
        told.contains("found 17 comparisons, expected at most 16"),
        "{told}"
    );
    assert!(of_json(&json!({"id": {"in": vec![1; 100]}})).is_ok());
    let told = faults(&of_json(&json!({"id": {"in": vec![1; 101]}})).unwrap_err());
    assert!(
        told.contains("found 101 values, expected at most 100"),
        "{told}"
    );
    let told = faults(&of_query(&[("id[in]", &",".repeat(100))]).unwrap_err());
    assert!(told.contains("found 101 values"), "{told}");
    assert!(of_json(&json!([])).is_err());
}

#[test]
fn a_filter_of_another_table_or_type_cannot_be_bound() {
    let told = |filter: Filter| {
        let error = filter.bind(&table()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        error.to_string()
    };
    let other = told(column(composite::Column::Number).eq(1));
    assert!(
        other.contains("column \"number\" of table \"composites\""),
        "{other}"
    );
    let text = told(column(sample::Column::Id).lt("ten"));
    assert!(
        text.contains("\"samples\" cannot ask for id lt: found String"),
        "{text}"
    );
    told(column(sample::Column::Small).eq(70000));
    told(column(sample::Column::Ratio).gt(f64::NAN));
    told(column(sample::Column::Size).eq("medium"));
}

#[test]
fn an_index_can_help_where_texts_are_equal() {
    let filter = column(sample::Column::Name).eq("a") & column(sample::Column::Size).ne("small");
    let sql = |backend| {
        let condition = filter.bind(&table()).unwrap().condition(backend);
        let sql = sample::Entity::find()
            .filter(condition)
            .build(backend)
            .to_string();
        sql.split_once(" WHERE ").unwrap().1.to_owned()
    };
    assert_eq!(
        sql(DbBackend::Postgres),
        r#"(NOT "samples"."dimension" = (CAST('small' AS "size"))) AND "samples"."name" = 'a'"#
    );
    assert_eq!(
        sql(DbBackend::Sqlite),
        r#"(NOT ("samples"."dimension" COLLATE BINARY) = 'small') AND ("samples"."name" COLLATE BINARY) = 'a'"#
    );
}
