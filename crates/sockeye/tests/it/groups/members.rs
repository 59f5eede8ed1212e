//! Who is a member: joins, leaves, limits, and what each member hears.

use std::time::Duration;

use sockeye::{
    Cause, CloseCode, Context, Disconnect, ErrorKind, Handler, Hub, IntoEndpoint, MemoryBroker,
    Result, Router, WebSocket, endpoint,
};
use tokio::sync::mpsc;

use crate::groups::broker::{Record, Slow};
use crate::groups::{Member, join, leave, member, unhurried};
use crate::harness::{Raw, serve, until, within};

#[tokio::test]
async fn a_broadcast_reaches_members_and_nobody_else() {
    let server = serve(Router::new().route("/", member())).await;
    let mut ada = server.connect("/").await;
    let mut bob = server.connect("/").await;
    let mut eve = server.connect("/").await;
    join(&mut ada, "one").await;
    join(&mut bob, "one").await;
    join(&mut eve, "two").await;
    ada.send("say hi").await;
    assert_eq!(ada.text().await, "said hi");
    assert_eq!(ada.text().await, "hi");
    assert_eq!(bob.text().await, "hi");
    // Had Eve heard of it, it would come before her own.
    eve.send("say alone").await;
    assert_eq!(eve.text().await, "said alone");
    assert_eq!(eve.text().await, "alone");
}

#[tokio::test]
async fn a_broadcast_to_others_leaves_out_the_one_who_sends_it() {
    let server = serve(Router::new().route("/", member())).await;
    let mut ada = server.connect("/").await;
    let mut bob = server.connect("/").await;
    join(&mut ada, "one").await;
    join(&mut bob, "one").await;
    ada.send("others hi").await;
    bob.send("others hello").await;
    let mut heard = [bob.text().await, bob.text().await];
    heard.sort_unstable();
    assert_eq!(heard, ["hi", "told hello"]);
    let mut heard = [ada.text().await, ada.text().await];
    heard.sort_unstable();
    assert_eq!(heard, ["hello", "told hi"]);
}

#[tokio::test]
async fn who_left_hears_nothing_that_is_published_afterwards() {
    let server = serve(Router::new().route("/", member())).await;
    let mut ada = server.connect("/").await;
    join(&mut ada, "one").await;
    join(&mut ada, "two").await;
    leave(&mut ada, "one").await;
    let rooms = ["one", "two"].map(|room| server.hub.group(("room", room)).unwrap());
    rooms
        .iter()
        .for_each(|room| room.broadcast(room.name().as_str()).unwrap());
    assert_eq!(ada.text().await, "room:two");
    ada.send("leave one").await;
    assert_eq!(ada.text().await, "left one false");
}

#[tokio::test]
async fn a_connection_is_in_so_many_groups_and_no_more() {
    let mut options = unhurried();
    options.groups = 2;
    options.on_error = sockeye::OnError::Reply;
    let server = serve(Router::new().route("/", endpoint(|| Member).options(options))).await;
    let mut ada = server.connect("/").await;
    join(&mut ada, "one").await;
    join(&mut ada, "two").await;
    join(&mut ada, "two").await;
    ada.send("join three").await;
    assert_eq!(ada.json().await["action"], "error");
    assert_eq!(server.hub.stats().memberships, 2);
    leave(&mut ada, "one").await;
    join(&mut ada, "three").await;
    drop(ada);
    server.empty().await;
}

/// Joins in ways that only a function can: several at once.
async fn hasty(socket: WebSocket, done: mpsc::Sender<(usize, usize, bool)>) -> Result<()> {
    let names = ["one", "one", "two", "three", "three"];
    let [a, b, c, d, e] = names.map(|name| socket.join(("room", name)));
    let (a, b, c, d, e) = tokio::join!(a, b, c, d, e);
    let refused = [a, b, c, d, e].into_iter().filter_map(Result::err);
    let refused = refused
        .filter(|error| error.kind() == ErrorKind::Limit)
        .count();
    let joined = socket.groups();
    socket.leave(&joined[0])?;
    let still = socket.groups().contains(&joined[0]);
    done.send((joined.len(), refused, still)).await?;
    socket.closed().await;
    Ok(())
}

#[tokio::test]
async fn joins_of_one_connection_that_meet_count_once_and_keep_the_limit() {
    let record = Record::new(0);
    let hub = Hub::with_broker(Slow::new(MemoryBroker::new(), &record));
    let (done, mut seen) = mpsc::channel(1);
    let mut options = unhurried();
    options.groups = 2;
    let hasty = (move |socket: WebSocket| hasty(socket, done.clone())).options(options);
    let server = serve(Router::new().route("/", hasty).hub(&hub)).await;
    let mut client = server.connect("/").await;
    // All are asked for at once, and the first is not answered yet.
    until("a subscription", || record.waiting() > 0).await;
    record.answer(3);
    let (joined, refused, still) = within("the joins", seen.recv()).await.unwrap();
    assert!(
        joined == 2 && (1..=2).contains(&refused),
        "{joined} joined, {refused} refused"
    );
    assert!(!still);
    until("what one leave leaves", || hub.stats().memberships < 2).await;
    client.close(CloseCode::NORMAL, "").await;
    client.closed().await;
    server.empty().await;
    until("no subscription", || record.live() == 0).await;
}

/// Tries to be a member when it is over.
struct Late(mpsc::Sender<ErrorKind>);

impl Handler for Late {
    type Incoming = String;
    type Outgoing = String;

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, end: Disconnect) {
        assert_eq!(end.cause(), Cause::PeerClosed);
        let joined = cx.join("lobby").await;
        self.0.send(joined.unwrap_err().kind()).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_joins_after_the_end() {
    let (kinds, mut seen) = mpsc::channel(1);
    let late = endpoint(move || Late(kinds.clone()));
    let server = serve(Router::new().route("/", late)).await;
    let mut client = server.connect("/").await;
    client.close(CloseCode::NORMAL, "").await;
    assert_eq!(
        within("the join", seen.recv()).await,
        Some(ErrorKind::Closed)
    );
    server.empty().await;
}

#[tokio::test]
async fn a_member_in_the_middle_of_its_own_message_hears_the_others() {
    let server = serve(Router::new().route("/", member())).await;
    let mut raw = server.raw().await;
    raw.upgrade("/").await;
    raw.write(&Raw::masked(0x81, b"join one")).await;
    assert_eq!(raw.frame().await, Some((0x81, b"joined one".to_vec())));
    let message = Raw::masked(0x81, b"say and on");
    let room = server.hub.group(("room", "one")).unwrap();
    for (at, byte) in message.iter().enumerate() {
        raw.write(&[*byte]).await;
        room.broadcast(at.to_string()).unwrap();
        if at + 1 < message.len() {
            assert_eq!(raw.frame().await, Some((0x81, at.to_string().into_bytes())));
        }
    }
    let mut last = Vec::new();
    for _ in 0..3 {
        last.push(String::from_utf8(raw.frame().await.unwrap().1).unwrap());
    }
    last.sort_unstable();
    assert_eq!(
        last,
        [
            (message.len() - 1).to_string().as_str(),
            "and on",
            "said and on"
        ]
    );
}

/// Waits in its hook for ever.
struct Busy;

impl Handler for Busy {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(("room", "one")).await?;
        tokio::time::sleep(Duration::from_secs(3600)).await;
        Ok(())
    }
}

#[tokio::test]
async fn a_member_whose_hook_waits_hears_the_others() {
    let server = serve(Router::new().route("/", endpoint(|| Busy))).await;
    let mut client = server.connect("/").await;
    server.members("room", "one", 1).await;
    let room = server.hub.group(("room", "one")).unwrap();
    for text in ["one", "two"] {
        room.broadcast(text).unwrap();
        assert_eq!(client.text().await, text);
    }
}
