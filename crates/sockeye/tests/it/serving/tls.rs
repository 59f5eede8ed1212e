//! TLS, by a client of rustls that trusts the test's own certificate.

use std::sync::Arc;
use std::time::Duration;

use h2::client::Builder;
use http::StatusCode;
use sockeye::{
    App, CloseCode, ErrorKind, Handshake, Rejection, Router, Server, ServerOptions, WebSocket,
    endpoint, tls_config,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::harness::{Client, Running, Wire, within};
use crate::serving::http2::session::Session;
use crate::serving::{Echo, echo};

/// Boxed, because the state of a session is large.
type Secure = Box<TlsStream<TcpStream>>;

/// A server that speaks TLS, and how its clients do.
struct Place {
    server: Running,
    trust: Arc<RootCertStore>,
}

impl Place {
    async fn serve(app: impl Into<App>, options: ServerOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::listen(listener, app, options)
    }

    fn listen(listener: TcpListener, app: impl Into<App>, options: ServerOptions) -> Self {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = own.signing_key.serialize_pem();
        let config = tls_config(own.cert.pem().as_bytes(), key.as_bytes()).unwrap();
        let mut trust = RootCertStore::empty();
        trust.add(own.cert.der().clone()).unwrap();
        let server = Server::from_listener(listener).options(options).tls(config);
        Self {
            server: Running::start(server, app),
            trust: Arc::new(trust),
        }
    }

    /// A TLS session over `tcp`, with these protocols on offer.
    async fn secure(&self, tcp: TcpStream, protocols: &[&[u8]]) -> Secure {
        let config = ClientConfig::builder().with_root_certificates(Arc::clone(&self.trust));
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let name = "localhost".try_into().unwrap();
        let connecting = TlsConnector::from(Arc::new(config)).connect(name, tcp);
        Box::new(within("a TLS session", connecting).await.unwrap())
    }

    async fn connect(&self, protocols: &[&[u8]]) -> Secure {
        let tcp = TcpStream::connect(self.server.address).await.unwrap();
        self.secure(tcp, protocols).await
    }

    async fn socket(&self, path: &str) -> Client<Secure> {
        let stream = self.connect(&[b"http/1.1"]).await;
        Client::open(stream, &format!("wss://localhost{path}"), &[])
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn messages_of_any_size_go_both_ways() {
    let place = Place::serve(echo(), ServerOptions::default()).await;
    let mut socket = place.socket("/echo").await;
    for length in [0, 1, 125, 16 * 1024, 16 * 1024 + 1, 1_000_000] {
        let payload = vec![7; length];
        socket.send(payload.clone()).await;
        let same = socket.frame().await == Some(Wire::from(payload));
        assert!(same, "{length} bytes");
    }
    let stats = place.server.hub.stats();
    assert_eq!((stats.accepted, stats.polled), (1, 1));
}

#[tokio::test]
async fn both_protocols_are_agreed_on_and_http1_is_spoken_without_one() {
    let place = Place::serve(echo(), ServerOptions::default()).await;
    for (offered, agreed) in [
        (&[&b"h2"[..], b"http/1.1"][..], Some(&b"h2"[..])),
        (&[b"http/1.1"], Some(b"http/1.1")),
        (&[], None),
    ] {
        let mut stream = place.connect(offered).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), agreed);
        if agreed != Some(b"h2") {
            let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.ends_with("\r\n\r\na page"), "{answer}");
        }
    }
}

#[tokio::test]
async fn sockets_travel_over_http2_inside_tls() {
    let place = Place::serve(echo(), ServerOptions::default()).await;
    let stream = place.connect(&[b"h2"]).await;
    let session = Session::over(stream, "https", Builder::new()).await;
    let mut one = session.socket("/echo").await;
    let (stream, response) = session
        .open("/echo", &[("origin", "https://localhost")])
        .await
        .unwrap();
    let mut other = Client::opened(stream, response).await;
    for socket in [&mut one, &mut other] {
        let payload = vec![7; 300_000];
        socket.send(payload.clone()).await;
        assert!(socket.frame().await == Some(Wire::from(payload)));
    }
    let foreign = [("origin", "http://localhost")];
    let refused = session.open("/echo", &foreign).await.err();
    assert_eq!(
        refused,
        Some(StatusCode::FORBIDDEN),
        "another scheme is another origin"
    );
}

#[tokio::test]
async fn the_handshake_knows_that_it_is_secure() {
    let told = |handshake: &Handshake| (handshake.is_secure(), handshake.url().to_string());
    let (tell, mut listen) = tokio::sync::mpsc::channel(1);
    let look = move |socket: WebSocket| {
        let (tell, found) = (tell.clone(), told(socket.handshake()));
        async move { tell.send(found).await.unwrap() }
    };
    let place = Place::serve(Router::new().route("/look", look), ServerOptions::default()).await;
    place.socket("/look").await;
    let found = within("a look", listen.recv()).await.unwrap();
    assert_eq!(found, (true, "wss://localhost/look".to_owned()));
}

#[tokio::test]
async fn a_closing_handshake_ends_the_session_in_order() {
    let place = Place::serve(echo(), ServerOptions::default()).await;
    let mut socket = place.socket("/echo").await;
    socket.close(CloseCode::new(4000), "bye").await;
    assert_eq!(socket.closed().await, Some((4000, "bye".into())));
    // Without a close_notify the end of the stream would be an error.
    let mut rest = Vec::new();
    socket.into_stream().read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"");
    place.server.empty().await;
}

/// A server and a client whose kernels hold next to nothing of what is not read.
fn narrow(app: App) -> (Place, TcpSocket) {
    let listener = TcpSocket::new_v4().unwrap();
    listener.set_send_buffer_size(8 * 1024).unwrap();
    listener.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = listener.listen(16).unwrap();
    let client = TcpSocket::new_v4().unwrap();
    client.set_recv_buffer_size(8 * 1024).unwrap();
    (
        Place::listen(listener, app, ServerOptions::default()),
        client,
    )
}

#[tokio::test]
async fn what_the_session_holds_back_follows_when_the_client_reads_on() {
    for kib in (8..=128).step_by(8) {
        let say = move |mut socket: WebSocket| async move {
            socket.send_bytes(vec![7; kib * 1024]).await?;
            // Everything has to leave without another word to push it.
            socket.receive().await;
            Ok::<_, sockeye::Error>(())
        };
        let (place, client) = narrow(Router::new().route("/say", say).into());
        let tcp = client.connect(place.server.address).await.unwrap();
        let stream = place.secure(tcp, &[]).await;
        let mut socket = Client::open(stream, "wss://localhost/say", &[])
            .await
            .unwrap();
        // The server has time to fill every buffer there is.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let said = socket.frame().await == Some(Wire::from(vec![7; kib * 1024]));
        assert!(said, "{kib} KiB");
        socket.send("thanks").await;
        assert_eq!(socket.closed().await, Some((1000, String::new())));
    }
}

#[tokio::test]
async fn a_last_word_and_the_close_reach_a_client_that_reads_late() {
    for kib in (8..=128).step_by(8) {
        let say =
            move |socket: WebSocket| async move { socket.send_bytes(vec![7; kib * 1024]).await };
        let (place, client) = narrow(Router::new().route("/say", say).into());
        let tcp = client.connect(place.server.address).await.unwrap();
        let stream = place.secure(tcp, &[]).await;
        let mut socket = Client::open(stream, "wss://localhost/say", &[])
            .await
            .unwrap();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let said = socket.frame().await == Some(Wire::from(vec![7; kib * 1024]));
        assert!(said, "{kib} KiB");
        assert_eq!(socket.closed().await, Some((1000, String::new())));
    }
}

/// Connects, sends `bytes`, and waits for the server to end the connection.
async fn falls_silent_after(bytes: &[u8]) {
    let mut options = ServerOptions::default();
    options.tls_timeout = Duration::from_millis(100);
    options.header_timeout = Duration::from_secs(3600);
    let place = Place::serve(echo(), options).await;
    let mut raw = place.server.raw().await;
    raw.write(bytes).await;
    raw.ended().await;
}

#[tokio::test]
async fn a_tls_handshake_has_a_deadline() {
    // Nothing; a record's first bytes; a record that is longer than what follows.
    for bytes in [&b""[..], &[22, 3, 1], &[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]] {
        falls_silent_after(bytes).await;
    }
}

#[tokio::test]
async fn plain_http_on_a_tls_port_is_cut_off() {
    falls_silent_after(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
}

#[tokio::test]
async fn who_says_nothing_inside_the_session_is_sent_away() {
    let mut options = ServerOptions::default();
    options.header_timeout = Duration::from_millis(100);
    let place = Place::serve(echo(), options).await;
    for protocol in [&b"http/1.1"[..], b"h2"] {
        let mut stream = place.connect(&[protocol]).await;
        let mut rest = Vec::new();
        let _ = within("the end", stream.read_to_end(&mut rest)).await;
    }
}

#[tokio::test]
async fn a_handshake_on_its_way_does_not_delay_the_end_of_the_server() {
    let mut options = ServerOptions::default();
    options.tls_timeout = Duration::from_secs(3600);
    options.drain_window = Duration::from_secs(3600);
    let place = Place::serve(echo(), options).await;
    let mut silent = place.server.raw().await;
    // A second visitor who is served proves that the first was accepted.
    drop(place.socket("/echo").await);
    place.server.empty().await;
    place.server.handle.drain();
    within("the end of the server", place.server.ended)
        .await
        .unwrap()
        .unwrap();
    silent.ended().await;
}

#[tokio::test]
async fn a_refusal_by_a_hook_reaches_the_client_over_tls() {
    let hook = || async { Err::<(), _>(Rejection::unauthorized("who are you?")) };
    let routes = Router::new().route("/closed", endpoint(|| Echo).handshake(hook));
    let place = Place::serve(routes, ServerOptions::default()).await;
    let stream = place.connect(&[]).await;
    let refused = Client::open(stream, "wss://localhost/closed", &[])
        .await
        .err();
    assert_eq!(refused.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(place.server.hub.stats().accepted, 0);
}

#[test]
fn certificates_and_keys_that_do_not_fit_are_told_apart() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (chain, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let error = |chain: &str, key: &str| {
        let error = tls_config(chain.as_bytes(), key.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls);
        error.to_string()
    };
    assert!(error("", &key).contains("no certificate"));
    assert!(error(&key, &key).contains("no certificate"));
    assert!(error(&chain, &chain).contains("private key"));
    assert!(error(&chain, &other.signing_key.serialize_pem()).contains("certificate"));
    assert!(tls_config(chain.as_bytes(), key.as_bytes()).is_ok());
}
