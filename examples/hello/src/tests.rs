//! A name, and what is none.

use sockeye::testing::TestServer;
use sockeye::{RawMessage, Router};

use crate::hello;

#[tokio::test]
async fn every_name_is_greeted_until_something_else_comes() {
    let server = TestServer::new(Router::new().route("/hello", hello));
    let mut ann = server.connect("/hello").await;
    for name in ["Ann", "", "Åse"] {
        ann.send(name);
        assert_eq!(ann.receive_text().await, format!("hello, {name}"));
    }
    ann.send(RawMessage::Binary(vec![7].into()));
    ann.assert_closed(1000).await;
}
