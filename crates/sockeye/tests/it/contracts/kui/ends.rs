//! K3: accepting and refusing, each message once, and the end that is always told once.

use std::time::Duration;

use http::header::{HeaderValue, SET_COOKIE};
use sockeye::{
    CloseCode, Context, Disconnect, Error, GroupName, Handler, Handshake, IntoEndpoint, Rejection,
    Result, Router, WebSocket, endpoint,
};

use crate::contracts::notes::{Notes, Reader, notes};
use crate::harness::{Raw, Running, serve};

/// A view that does as its path says.
struct View(Notes);

impl Handler for View {
    type Incoming = String;
    type Outgoing = String;

    async fn on_handshake(&mut self, handshake: &mut Handshake) -> Result<(), Rejection> {
        match handshake.param("how").unwrap_or_default() {
            "chosen" => {
                handshake.accept_subprotocol("chat.v1")?;
                let headers = handshake.response_headers_mut();
                headers.append(SET_COOKIE, HeaderValue::from_static("a=1"));
                headers.append(SET_COOKIE, HeaderValue::from_static("b=2"));
                headers.insert("upgrade", HeaderValue::from_static("tea"));
            }
            "teapot" => {
                let rejection = Rejection::new(http::StatusCode::IM_A_TEAPOT, "short and stout");
                return Err(rejection.with_header(SET_COOKIE, HeaderValue::from_static("c=3")));
            }
            _ => {}
        }
        Ok(())
    }

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        self.0.write("connect");
        match cx.param("how")? {
            "forbidden" => return Err(Error::refused(403, "members only")),
            "broken" => return Err(Error::new("the database is on fire")),
            "full" => cx.close(CloseCode::new(4100), "the room is full"),
            "panic" => panic!("on_connect"),
            _ => cx.reply("ready".to_owned())?,
        }
        Ok(())
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        self.0.write(&text);
        match text.as_str() {
            "fail" => Err(Error::new("asked to")),
            "panic" => panic!("asked to"),
            "leave" => {
                cx.close(CloseCode::new(4200), "as you wish");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn on_disconnect(&mut self, _: &mut Context<Self>, end: Disconnect) {
        self.0.write(format!("{end} {}", end.reason()).trim_end());
    }
}

async fn view() -> (Running, Reader) {
    let (notes, reader) = notes();
    let routes = Router::new().route("/{how}", endpoint(move || View(notes.clone())));
    (serve(routes).await, reader)
}

#[tokio::test]
async fn k3_accepting_chooses_a_subprotocol_and_adds_headers() {
    let (server, _reader) = view().await;
    let offer = [("sec-websocket-protocol", "chat.v2, chat.v1")];
    let client = server.try_connect("/chosen", &offer).await;
    let response = client.expect("an upgrade").response;
    assert_eq!(response.headers()["sec-websocket-protocol"], "chat.v1");
    let cookies: Vec<_> = response.headers().get_all(SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(response.headers()["upgrade"], "websocket", "ours stays");

    let response = server.refused("/chosen", &[]).await;
    assert_eq!(response.status(), 400, "a client that cannot speak it");
}

#[tokio::test]
async fn k3_functions_accept_in_the_same_way() {
    async fn tell(socket: WebSocket) {
        socket.send(socket.subprotocol().unwrap_or("none"));
    }
    let listed = tell
        .subprotocols(["chat.v3", "chat.v2"])
        .accept(|handshake| {
            let headers = handshake.response_headers_mut();
            headers.insert(SET_COOKIE, HeaderValue::from_static("a=1"));
            Ok(())
        });
    let refusing = tell.accept(|handshake| match handshake.query().get("token") {
        Some(_) => Ok(()),
        None => Err(Rejection::unauthorized("say who you are")),
    });
    let routes = Router::new()
        .route("/listed", listed)
        .route("/guarded", refusing);
    let server = serve(routes).await;

    for (offer, chosen) in [
        ("chat.v1, chat.v2", "chat.v2"),
        ("chat.v2, chat.v3", "chat.v3"),
    ] {
        let offer = [("sec-websocket-protocol", offer)];
        let client = server.try_connect("/listed", &offer).await;
        let mut client = client.expect("an upgrade");
        assert_eq!(client.text().await, chosen);
        assert_eq!(client.response.headers()[SET_COOKIE], "a=1");
    }
    assert_eq!(server.connect("/listed").await.text().await, "none");
    assert_eq!(server.refused("/guarded", &[]).await.status(), 401);
    server.connect("/guarded?token=x").await;
}

#[tokio::test]
async fn k3_refusing_before_the_upgrade_leaves_no_connection() {
    let (server, mut reader) = view().await;
    let response = server.refused("/teapot", &[]).await;
    assert_eq!(response.status(), 418);
    assert_eq!(response.headers()[SET_COOKIE], "c=3");
    assert_eq!(response.body().as_deref(), Some(&b"short and stout"[..]));
    server.empty().await;
    assert!(reader.rest().is_empty(), "no on_connect, no on_disconnect");
}

#[tokio::test]
async fn k3_on_connect_refuses_with_a_status_or_a_code_of_its_own() {
    for (how, code, reason) in [
        ("forbidden", 4403, "members only"),
        ("full", 4100, "the room is full"),
        ("broken", 1011, "internal error"),
        ("panic", 1011, "internal error"),
    ] {
        let (server, mut reader) = view().await;
        let mut client = server.connect(&format!("/{how}")).await;
        client.send("nobody hears this").await;
        assert_eq!(client.closed().await, Some((code, reason.to_owned())));
        server.empty().await;
        let [connect, end] = reader.rest().try_into().expect("two notes");
        assert_eq!(connect, "connect");
        assert!(end.ends_with(&format!("({code}) {reason}")), "{end}");
    }
}

#[tokio::test]
async fn k3_each_message_is_received_once_and_in_order() {
    let (server, mut reader) = view().await;
    let mut client = server.connect("/room").await;
    for number in 0..50 {
        client.send(number.to_string()).await;
    }
    client.close(CloseCode::NORMAL, "").await;
    assert_eq!(reader.next().await, "connect");
    for number in 0..50 {
        assert_eq!(reader.next().await, number.to_string());
    }
    assert_eq!(reader.next().await, "PeerClosed (1000)");
}

#[tokio::test]
async fn k3_on_disconnect_hears_the_code_once_whoever_ended_it() {
    let (server, mut reader) = view().await;
    for (word, end) in [
        ("fail", "HandlerFailed (1011) internal error"),
        ("panic", "HandlerPanicked (1011) internal error"),
        ("leave", "ServerClosed (4200) as you wish"),
    ] {
        let mut client = server.connect("/room").await;
        client.send(word).await;
        client.closed().await;
        server.empty().await;
        assert_eq!(reader.rest(), ["connect", word, end]);
    }
    let mut client = server.connect("/room").await;
    client.close(CloseCode::new(4321), "done here").await;
    client.closed().await;
    server.empty().await;
    assert_eq!(reader.rest(), ["connect", "PeerClosed (4321) done here"]);
}

#[tokio::test]
async fn k3_on_disconnect_hears_no_code_where_there_was_none() {
    let (server, mut reader) = view().await;
    let mut silent = server.raw().await;
    silent.upgrade("/room").await;
    silent.write(&Raw::masked(0x88, &[])).await;
    silent.ended().await;
    server.empty().await;
    assert_eq!(reader.rest(), ["connect", "PeerClosed"]);

    drop(server.connect("/room").await);
    server.empty().await;
    assert_eq!(reader.rest(), ["connect", "PeerLost"]);
}

#[tokio::test]
async fn k3_on_disconnect_comes_after_a_hook_that_was_still_running() {
    struct Slow(Notes);
    impl Handler for Slow {
        type Incoming = String;
        type Outgoing = String;

        async fn on_message(&mut self, _: &mut Context<Self>, _: String) -> Result<()> {
            self.0.write("begin");
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.0.write("end");
            Ok(())
        }

        async fn on_disconnect(&mut self, _: &mut Context<Self>, _: Disconnect) {
            self.0.write("disconnect");
        }
    }
    let (notes, mut reader) = notes();
    let server = serve(Router::new().route("/", endpoint(move || Slow(notes.clone())))).await;
    let mut client = server.connect("/").await;
    client.send("work").await;
    assert_eq!(reader.next().await, "begin");
    drop(client);
    assert_eq!(reader.next().await, "end");
    assert_eq!(reader.next().await, "disconnect");
}

#[tokio::test]
async fn k3_who_failed_before_on_connect_hears_of_no_end() {
    struct Nameless(Notes);
    impl Handler for Nameless {
        type Incoming = String;
        type Outgoing = String;

        fn groups(&self, _: &Context<Self>) -> Result<Vec<GroupName>> {
            Err(Error::new("the groups could not be looked up"))
        }

        async fn on_connect(&mut self, _: &mut Context<Self>) -> Result<()> {
            self.0.write("connect");
            Ok(())
        }

        async fn on_disconnect(&mut self, _: &mut Context<Self>, _: Disconnect) {
            self.0.write("disconnect");
        }
    }
    let (notes, mut reader) = notes();
    let server = serve(Router::new().route("/", endpoint(move || Nameless(notes.clone())))).await;
    let mut client = server.connect("/").await;
    let internal = Some((1011, "internal error".to_owned()));
    assert_eq!(client.closed().await, internal);
    server.empty().await;
    assert!(reader.rest().is_empty());
}
