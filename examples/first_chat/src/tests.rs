//! Two rooms, three clients.

use sockeye::testing::TestServer;

use crate::{Said, Say, routes};

#[tokio::test]
async fn a_room_hears_what_is_said_in_it_and_no_other_does() {
    let server = TestServer::new(routes());
    let mut ann = server.connect("/chat/lobby").await;
    let mut bob = server.connect("/chat/lobby").await;
    let mut eve = server.connect("/chat/attic").await;
    let text = "hi".to_owned();
    ann.send(Say { text });
    assert_eq!(ann.expect::<Said>().await.text, "hi");
    assert_eq!(bob.expect::<Said>().await.text, "hi");
    eve.assert_silent().await;
}
