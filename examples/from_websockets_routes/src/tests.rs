//! What websockets-routes' README promises.

use sockeye::Unmatched;
use sockeye::testing::TestServer;

use crate::routes;

fn server() -> TestServer {
    TestServer::new(routes(Unmatched::NotFound))
}

#[tokio::test]
async fn a_path_leads_to_its_handler() {
    let server = server();
    let mut client = server.connect("/thing/").await;
    assert_eq!(client.receive_text().await, "123");
    assert_eq!(client.receive_text().await, "grüße");
    client.assert_closed(1000).await;
}

#[tokio::test]
async fn the_handler_sees_the_path_and_its_parameters_decoded_and_without_the_query() {
    let server = server();
    for (target, path, id) in [
        ("/thing/123?x=1", "/thing/123", "123"),
        ("/thing/gr%C3%BC%C3%9Fe", "/thing/grüße", "grüße"),
    ] {
        let mut client = server.connect(target).await;
        assert_eq!(client.receive_text().await, path);
        assert_eq!(client.receive_text().await, id);
    }
}

#[tokio::test]
async fn a_hook_answers_instead_of_the_upgrade() {
    let server = server();
    for path in ["/thing/7", "/view/7"] {
        let refused = server.client(path).try_connect().await.unwrap_err();
        assert_eq!(refused.status, 404);
        assert_eq!(refused.text(), "thing \"7\" not found\n");
    }
}

#[tokio::test]
async fn a_view_keeps_what_its_hook_learnt() {
    let server = server();
    let mut client = server.connect("/view/123").await;
    client.send_text("who are you?");
    assert_eq!(client.receive_text().await, "who are you? 123");
}

#[tokio::test]
async fn an_unmatched_path_is_404_or_closes_4040() {
    let missing = server();
    let refused = missing.client("/nowhere").try_connect().await;
    assert_eq!(refused.unwrap_err().status, 404);

    let closing = TestServer::new(routes(Unmatched::AcceptThenClose));
    let mut client = closing.connect("/nowhere").await;
    client.assert_closed(4040).await;
}
