//! History: who had which rights when, as the log has it, and what that means for what a viewer was shown.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, Statement,
};
use serde_json::{Value, json};

use crate::harness::entities::{grant, product};
use crate::interleavings::audience::Viewer;

/// The departments that were granted to a user, after each position at which that changed.
#[derive(Debug, Default)]
pub(crate) struct History {
    grants: BTreeMap<String, BTreeMap<i64, BTreeSet<String>>>,
    end: i64,
}

/// The position of the last change.
async fn end(database: &DatabaseConnection) -> i64 {
    let sql = "SELECT COALESCE(MAX(id), 0) FROM sockeye_changes";
    let end = Statement::from_string(database.get_database_backend(), sql);
    let end = database.query_one_raw(end).await.unwrap().unwrap();
    end.try_get_by_index(0).unwrap()
}

impl History {
    /// Reads what was granted since it did so the last time.
    pub(crate) async fn read_on(&mut self, database: &DatabaseConnection) {
        let sql = format!(
            "SELECT id, change, before_row, after_row FROM sockeye_changes WHERE resource = 'grants' AND id > {} ORDER BY id",
            self.end
        );
        let new = Statement::from_string(database.get_database_backend(), sql);
        self.end = end(database).await;
        for change in database.query_all_raw(new).await.unwrap() {
            let position: i64 = change.try_get_by_index(0).unwrap();
            let kind: String = change.try_get_by_index(1).unwrap();
            let image = if kind == "created" { 3 } else { 2 };
            let row: Option<String> = change.try_get_by_index(image).unwrap();
            let row: Value = serde_json::from_str(&row.unwrap()).unwrap();
            let text = |column: &str| row[column].as_str().unwrap().to_owned();
            let of_user = self.grants.entry(text("user")).or_default();
            let last = of_user.last_key_value();
            let mut now = last.map(|(_, now)| now.clone()).unwrap_or_default();
            match kind.as_str() {
                "created" => assert!(now.insert(text("department"))),
                "deleted" => assert!(now.remove(&text("department"))),
                other => panic!("{other}"),
            }
            of_user.insert(position, now);
        }
    }

    pub(crate) fn end(&self) -> i64 {
        self.end
    }

    fn granted(&self, user: &str, position: i64, department: &str) -> bool {
        let of_user = self.grants.get(user);
        let at = of_user.and_then(|of_user| of_user.range(..=position).next_back());
        at.is_some_and(|(_, granted)| granted.contains(department))
    }

    /// Compares what a viewer was told with what it had a right to, and what it has now with what there is.
    pub(crate) async fn judge(&self, viewer: &Viewer, database: &DatabaseConnection, seed: u64) {
        let Viewer { user, least, .. } = viewer;
        for told in &viewer.shown {
            let department = told.row["department"].as_str().unwrap();
            assert!(
                self.granted(user, told.position, department),
                "seed {seed}: {user} was shown {told:?} without a right to it"
            );
            assert!(
                told.row["price"].as_i64() >= Some(*least),
                "seed {seed}: {told:?} is below {least}"
            );
        }
        let granted = grant::Entity::find()
            .filter(grant::Column::User.eq(*user))
            .all(database)
            .await;
        let departments = granted.unwrap().into_iter().map(|grant| grant.department);
        let rows = product::Entity::find()
            .filter(product::Column::Department.is_in(departments))
            .filter(product::Column::Price.gte(*least));
        let rows = rows.all(database).await.unwrap().into_iter();
        let expected: BTreeMap<i64, Value> = rows
            .map(|row| {
                let shown = json!({ "id": row.id, "name": row.name, "price": row.price, "department": row.department, "cost": row.cost });
                (i64::from(row.id), shown)
            })
            .collect();
        assert_eq!(
            viewer.rows, expected,
            "seed {seed}: the view of {user} from {least} on"
        );
    }
}
