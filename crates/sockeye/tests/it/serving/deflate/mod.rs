//! permessage-deflate from end to end.

mod client;
mod limits;
mod takeover;

use sockeye::{
    Context, DeflateConfig, Handler, Hub, HubOptions, IntoEndpoint, Options, Result, Router,
    endpoint,
};

use crate::harness::{Running, serve, until};
use crate::serving::deflate::client::Deflating;
use crate::serving::http2::session::Session;

/// Compresses to a fraction of itself.
pub(crate) fn text() -> String {
    "All happy families are alike; each unhappy family is unhappy in its own way. ".repeat(20)
}

/// Echoes to the sender, and repeats what begins with `all` to everybody.
struct Room;

impl Handler for Room {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(("room", "lobby")).await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        match text.strip_prefix("all: ") {
            Some(text) => cx.broadcast(text.to_owned()),
            None => cx.reply(text),
        }
    }
}

/// A room at `/room` whose server wishes this; `None` is no compression.
pub(crate) async fn room(compression: Option<DeflateConfig>) -> Running {
    let mut options = Options::default();
    options.compression = compression;
    options.message_bytes = 100_000;
    serve(Router::new().route("/room", endpoint(|| Room).options(options))).await
}

const RSV1: u8 = 0x40;

#[tokio::test]
async fn messages_are_compressed_both_ways() {
    let server = room(Some(DeflateConfig::default())).await;
    let mut client = Deflating::connect(&server, Some(DeflateConfig::default())).await;
    let agreed = client.agreed.unwrap();
    assert!(!agreed.server_context_takeover() && !agreed.client_context_takeover());
    let sent = client.send(&text()).await;
    assert!(sent < text().len() / 4, "{sent} bytes");
    let received = client.text().await;
    assert_eq!((received.flags, received.text), (0x81 | RSV1, text()));
    assert!(received.payload.len() < text().len() / 4);
}

#[tokio::test]
async fn a_client_that_offers_nothing_gets_nothing_compressed() {
    let server = room(Some(DeflateConfig::default())).await;
    let mut client = Deflating::connect(&server, None).await;
    client.send(&text()).await;
    let received = client.text().await;
    assert_eq!(
        (received.flags, received.payload),
        (0x81, text().into_bytes())
    );
}

#[tokio::test]
async fn a_server_that_wishes_none_agrees_to_none() {
    let server = room(None).await;
    let mut client = Deflating::connect(&server, Some(DeflateConfig::default())).await;
    assert_eq!(client.agreed, None);
    client.send(&text()).await;
    assert_eq!(client.text().await.payload, text().into_bytes());
}

#[tokio::test]
async fn short_messages_are_not_worth_it() {
    let server = room(Some(DeflateConfig::default().threshold_bytes(64))).await;
    let mut client = Deflating::connect(&server, Some(DeflateConfig::default())).await;
    for (length, flags) in [(63, 0x81), (64, 0x81 | RSV1)] {
        let text = "x".repeat(length);
        client.send(&text).await;
        let received = client.text().await;
        assert_eq!((received.flags, received.text), (flags, text));
    }
}

#[tokio::test]
async fn a_broadcast_is_one_compressed_frame_for_all_who_agreed_and_plain_for_the_rest() {
    let server = room(Some(DeflateConfig::default())).await;
    let mut agreed = Vec::new();
    for _ in 0..3 {
        agreed.push(Deflating::connect(&server, Some(DeflateConfig::default())).await);
    }
    let mut plain = Deflating::connect(&server, None).await;
    server.members("room", "lobby", 4).await;
    plain.send(&format!("all: {}", text())).await;
    let mut payloads = Vec::new();
    for client in &mut agreed {
        let received = client.text().await;
        assert_eq!((received.flags, received.text), (0x81 | RSV1, text()));
        payloads.push(received.payload);
    }
    assert!(payloads[0].len() < text().len() / 4);
    assert!(payloads.iter().all(|payload| *payload == payloads[0]));
    let received = plain.text().await;
    assert_eq!(
        (received.flags, received.payload),
        (0x81, text().into_bytes())
    );
}

#[tokio::test]
async fn a_broadcast_is_compressed_once_however_many_shards_and_members() {
    let mut hub = HubOptions::default();
    hub.shards = 4;
    let hub = Hub::with_options(hub);
    let server = serve(Router::new().route("/room", endpoint(|| Room)).hub(&hub)).await;
    let mut members = Vec::new();
    for _ in 0..40 {
        members.push(Deflating::connect(&server, Some(DeflateConfig::default())).await);
    }
    server.members("room", "lobby", 40).await;
    let room = hub.group(("room", "lobby")).unwrap();
    for broadcasts in 1..=3 {
        room.broadcast(text()).unwrap();
        for member in &mut members {
            let received = member.text().await;
            assert_eq!((received.flags, received.text), (0x81 | RSV1, text()));
        }
        // A shard adds up at the end of its turn, after its members have their message.
        until("the count", || hub.stats().compressed == broadcasts).await;
    }
}

#[tokio::test]
async fn replies_and_broadcasts_take_turns_on_one_connection() {
    let server = room(Some(DeflateConfig::default())).await;
    let mut client = Deflating::connect(&server, Some(DeflateConfig::default())).await;
    for n in 0..20 {
        let (own, shared) = (format!("{n} {}", text()), format!("{n} for all {}", text()));
        client.send(&own).await;
        client.send(&format!("all: {shared}")).await;
        assert_eq!(client.text().await.text, own);
        assert_eq!(client.text().await.text, shared);
    }
}

#[tokio::test]
async fn it_is_agreed_on_over_http2_too() {
    let server = room(Some(DeflateConfig::default())).await;
    let session = Session::connect(server.address).await;
    let wishes = DeflateConfig::default();
    let offer = sockeye_protocol::deflate::offer(&wishes).unwrap();
    let offer = [("sec-websocket-extensions", offer.to_str().unwrap())];
    let (stream, response) = session.open("/room", &offer).await.unwrap();
    let agreed = sockeye_protocol::deflate::check_answer(response.headers(), &wishes).unwrap();
    let mut client = Deflating::over(stream, agreed);
    client.send(&text()).await;
    let received = client.text().await;
    assert_eq!((received.flags, received.text), (0x81 | RSV1, text()));
}

#[tokio::test]
async fn a_function_handler_sends_compressed_frames_as_well() {
    async fn say(socket: sockeye::WebSocket) -> Result<()> {
        socket.send_text(&text()).await
    }
    let mut options = Options::default();
    options.compression = Some(DeflateConfig::default());
    let server = serve(Router::new().route("/room", say.options(options))).await;
    let mut client = Deflating::connect(&server, Some(DeflateConfig::default())).await;
    let received = client.text().await;
    assert_eq!((received.flags, received.text), (0x81 | RSV1, text()));
    assert_eq!(client.closed().await, Some(1000));
}
