//! Viewer: a client that keeps the rows of its view as it is told, and is cut off at times.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use sockeye::testing::{TestClient, TestServer};

use crate::interleavings::USERS;
use crate::interleavings::dice::Dice;

/// What a viewer was told of a row at a position.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) position: i64,
    pub(crate) row: Value,
}

pub(crate) struct Viewer {
    pub(crate) user: &'static str,
    /// The least price that it wants to see.
    pub(crate) least: i64,
    pub(crate) rows: BTreeMap<i64, Value>,
    /// Every row that it was shown.
    pub(crate) shown: Vec<Told>,
    server: Arc<TestServer>,
    client: TestClient,
    dice: Dice,
    view: String,
    position: Option<i64>,
    events: u64,
}

impl Viewer {
    pub(crate) async fn enter(server: Arc<TestServer>, mut dice: Dice) -> Self {
        let user = dice.pick(&USERS);
        let least = dice.pick(&[0, 0, 3, 6]);
        let client = server.client("/ws/products").bearer(user).connect().await;
        let viewer = Self {
            user,
            least,
            rows: BTreeMap::new(),
            shown: Vec::new(),
            server,
            client,
            dice,
            view: String::new(),
            position: None,
            events: 0,
        };
        viewer.subscribe();
        viewer
    }

    /// Comes, and watches for a while.
    pub(crate) async fn watch(server: Arc<TestServer>, dice: Dice) -> Self {
        let mut viewer = Self::enter(server, dice).await;
        for _ in 0..viewer.dice.roll(3) {
            // There is always one message; with the rows, one more.
            viewer.hear().await;
            if viewer.position.is_none() && viewer.dice.roll(3) > 0 {
                viewer.hear().await;
            }
            viewer.come_back().await;
        }
        viewer
    }

    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// Hears all that is on its way.
    pub(crate) async fn hear_all(&mut self) {
        self.client.send_text("the end");
        loop {
            let told: Value = self.client.receive_json().await;
            if told["data"] == "the end" {
                return;
            }
            self.take(&told);
        }
    }

    /// Goes on from any position that it was ever told, as long as nobody has told it to begin anew.
    fn subscribe(&self) {
        let mut payload = json!({ "rows": true, "filter": { "price": { "gte": self.least } } });
        if let Some(position) = self.position {
            payload["since"] = json!(position);
            payload["view"] = json!(self.view);
        }
        let request = json!({ "action": "subscribe", "resource": "products", "payload": payload });
        self.client.send_json(&request);
    }

    async fn hear(&mut self) {
        let told: Value = self.client.receive_json().await;
        self.take(&told);
    }

    /// Loses its connection and makes another, without having heard all of the first.
    async fn come_back(&mut self) {
        self.client.drop_link();
        let client = self.server.client("/ws/products").bearer(self.user);
        self.client = client.connect().await;
        self.subscribe();
    }

    fn take(&mut self, told: &Value) {
        if told["action"] == "subscribed" {
            let payload = &told["payload"];
            if payload["resumed"] == true {
                assert_eq!(payload["position"].as_i64(), self.position, "{told}");
            } else {
                // A reset follows where there is something to forget.
                self.begin(payload);
            }
            return;
        }
        self.events += 1;
        if told["event"] == "reset" {
            return self.begin(told);
        }
        let (position, data) = (told["position"].as_i64(), &told["data"]);
        assert!(
            position > self.position || told["last"] == false,
            "{told} after {:?}",
            self.position
        );
        match told["event"].as_str().unwrap() {
            "rows" => {
                assert_eq!(self.position, None, "rows that nobody waits for: {told}");
                for row in data.as_array().unwrap() {
                    self.show(position, row);
                }
            }
            "created" => assert!(self.show(position, data).is_none(), "twice: {told}"),
            "updated" => assert!(self.show(position, data).is_some(), "of nothing: {told}"),
            "deleted" => {
                let id = data["id"].as_i64().unwrap();
                assert!(self.rows.remove(&id).is_some(), "of nothing: {told}");
            }
            other => panic!("{other}"),
        }
        self.position = position;
    }

    fn begin(&mut self, told: &Value) {
        self.rows.clear();
        self.position = told["position"].as_i64();
        self.view = told["view"].as_str().unwrap().to_owned();
    }

    fn show(&mut self, position: Option<i64>, row: &Value) -> Option<Value> {
        let row = row.clone();
        // A page that is not the last one has none; here there is one page only.
        let position = position.unwrap();
        self.shown.push(Told {
            position,
            row: row.clone(),
        });
        self.rows.insert(row["id"].as_i64().unwrap(), row)
    }
}
