//! Too much for one: a slow member goes, a full node says so, and nobody else loses anything.

use sockeye::{ErrorKind, Router, endpoint};

use crate::groups::{Member, join, unhurried};
use crate::harness::{Client, serve};

async fn heard(mut client: Client, last: &str) -> Vec<String> {
    let mut heard = Vec::new();
    loop {
        let text = client.text().await;
        if text == last {
            return heard;
        }
        heard.push(text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_member_is_closed_with_1013_and_the_others_lose_nothing() {
    let mut options = unhurried();
    // Room for the others, who read all the time: it takes them a moment now and then.
    options.outbox_bytes = 4 * 1024 * 1024;
    let mut tight = unhurried();
    tight.outbox_bytes = 64 * 1024;
    let routes = Router::new()
        .route("/", endpoint(|| Member).options(options))
        .route("/tight", endpoint(|| Member).options(tight));
    let server = serve(routes).await;
    let mut slow = server.connect("/tight").await;
    join(&mut slow, "one").await;
    let mut others = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let mut client = server.connect("/").await;
        join(&mut client, "one").await;
        others.spawn(heard(client, "last"));
    }
    let room = server.hub.group(("room", "one")).unwrap();
    let filler = "x".repeat(16 * 1024);
    let mut published = Vec::new();
    crate::harness::until("the end of the slow member", || {
        for _ in 0..8 {
            let text = format!("{} {filler}", published.len());
            room.broadcast(&text).unwrap();
            published.push(text);
        }
        room.members() == 4
    })
    .await;
    room.broadcast("last").unwrap();
    for heard in others.join_all().await {
        assert!(heard == published, "{} of {}", heard.len(), published.len());
    }
    // What it did get is a beginning without gaps, and then the reason.
    let mut got = 0;
    let close = loop {
        match slow.frame().await {
            Some(crate::harness::Wire::Text(text)) => {
                assert!(text.as_str() == published[got]);
                got += 1;
            }
            other => break other,
        }
    };
    let Some(crate::harness::Wire::Close(Some(close))) = close else {
        panic!("expected a close frame, found {close:?}");
    };
    assert_eq!(u16::from(close.code), 1013);
    assert!(got < published.len());
}

/// On one thread nothing is delivered while the test publishes.
#[tokio::test]
async fn a_burst_beyond_the_outbox_closes_no_member_that_can_take_it() {
    let mut options = unhurried();
    options.outbox_bytes = 64 * 1024;
    let server = serve(Router::new().route("/", endpoint(|| Member).options(options))).await;
    let mut client = server.connect("/").await;
    join(&mut client, "one").await;
    let room = server.hub.group(("room", "one")).unwrap();
    let texts: Vec<_> = (0..32)
        .map(|at| format!("{at} {}", "x".repeat(16 * 1024)))
        .collect();
    texts.iter().for_each(|text| room.broadcast(text).unwrap());
    for text in &texts {
        assert!(client.text().await == *text);
    }
}

#[tokio::test]
async fn publications_that_wait_are_bounded_by_their_bytes() {
    let server = serve(Router::new().route("/", endpoint(|| Member).options(unhurried()))).await;
    let mut client = server.connect("/").await;
    join(&mut client, "one").await;
    let room = server.hub.group(("room", "one")).unwrap();
    let text = "x".repeat(1024 * 1024);
    let taken = (0..100)
        .take_while(|_| room.broadcast(&text).is_ok())
        .count();
    assert_eq!(taken, 63);
    // Too much for this member, but not for the node.
    while client.frame().await.is_some() {}
    server.members("room", "one", 0).await;
    let mut client = server.connect("/").await;
    join(&mut client, "one").await;
    room.broadcast("again").unwrap();
    assert_eq!(client.text().await, "again");
}

/// On one thread nothing is delivered while the test publishes.
#[tokio::test]
async fn a_publication_too_many_is_refused_and_the_others_arrive() {
    const ROOM: usize = 65_536;
    let server = serve(Router::new().route("/", endpoint(|| Member).options(unhurried()))).await;
    let mut client = server.connect("/").await;
    join(&mut client, "one").await;
    let room = server.hub.group(("room", "one")).unwrap();
    for at in 0..ROOM {
        room.broadcast(at.to_string()).unwrap();
    }
    let refused = room.broadcast("too many").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Full);
    for at in 0..ROOM {
        assert_eq!(client.text().await, at.to_string());
    }
    room.broadcast("again").unwrap();
    assert_eq!(client.text().await, "again");
}
