//! Options: from code, files and the environment; global and of an endpoint, which wins.

use std::time::Duration;

use sockeye::{
    CloseCode, Hub, HubOptions, IntoEndpoint, Options, Overflow, Rate, Refusal, Router,
    ServerOptions, Settings, WebSocket,
};

use crate::harness::serve;

async fn echo(mut socket: WebSocket) {
    while let Some(message) = socket.receive().await {
        socket.send(message);
    }
}

fn taking(message_bytes: usize) -> Options {
    let mut options = Options::default();
    options.message_bytes = message_bytes;
    options
}

#[tokio::test]
async fn c15_an_option_is_global_and_per_endpoint_and_the_endpoint_wins() {
    let inner = Router::new()
        .route("/inherits", echo)
        .route("/own", echo.options(taking(300)))
        .options(taking(200));
    let plain = Router::new().route("/inherits", echo);
    let changed = echo
        .configure(|options| options.frame_bytes = 1 << 20)
        .configure(|options| options.message_bytes += 50);
    let over_own = echo
        .options(taking(500))
        .configure(|options| options.message_bytes += 50);
    let forgotten = echo
        .configure(|options| options.message_bytes = 1)
        .options(taking(600));
    let routes = Router::new()
        .route("/global", echo)
        .options(taking(100))
        .route("/later", echo)
        .route("/own", echo.options(taking(400)))
        .route("/changed", changed)
        .route("/over-own", over_own)
        .route("/forgotten", forgotten)
        .nest("/inner", inner)
        .nest("/plain", plain);
    let server = serve(routes).await;
    for (path, limit) in [
        ("/global", 100),
        ("/later", 100),
        ("/own", 400),
        ("/changed", 150),
        ("/over-own", 550),
        ("/forgotten", 600),
        ("/inner/inherits", 200),
        ("/inner/own", 300),
        ("/plain/inherits", 100),
    ] {
        let mut client = server.connect(path).await;
        assert!(
            client.asks(&"x".repeat(limit)).await,
            "{path} takes {limit}"
        );
        client.send("x".repeat(limit + 1).as_str()).await;
        let (code, _) = client.closed().await.expect("a close frame");
        assert_eq!(CloseCode::new(code), CloseCode::TOO_LARGE, "{path}");
    }
}

#[test]
fn c15_an_empty_document_is_the_defaults_and_every_default_can_be_written_and_read() {
    let empty: Settings = toml::from_str("").unwrap();
    assert_eq!(empty, Settings::default());
    assert_eq!(empty.options, Options::default());
    assert_eq!(empty.server, ServerOptions::default());
    assert_eq!(empty.hub, HubOptions::default());
    let written = toml::to_string(&Settings::default()).unwrap();
    assert!(written.contains("write_timeout = \"10s\""), "{written}");
    assert!(written.contains("idle_timeout = \"off\""), "{written}");
    assert_eq!(toml::from_str::<Settings>(&written).unwrap(), empty);
    let written = serde_json::to_string(&Settings::default()).unwrap();
    assert_eq!(serde_json::from_str::<Settings>(&written).unwrap(), empty);
}

#[test]
fn c15_settings_are_read_from_a_file() {
    let settings: Settings = toml::from_str(
        r#"
        [options]
        message_bytes = 4096
        message_timeout = 2.5
        idle_timeout = "5m"
        heartbeat = { interval = "250ms" }
        rate = "off"
        control_rate = { per_second = 1, burst = 2 }
        compression = false
        refusal = "accept_then_close"
        wire = { action_key = "type", case = "camel" }
        log_ignored = ["ping"]

        [server]
        drain = "leave"
        drain_window = 3

        [hub]
        shards = 2
        blocked_after = "off"
        overflow = { prices = "keep_latest" }
        "#,
    )
    .unwrap();
    let mut expected = Options::default();
    expected.message_bytes = 4096;
    expected.message_timeout = Duration::from_millis(2500);
    expected.idle_timeout = Some(Duration::from_secs(300));
    expected.heartbeat.interval = Duration::from_millis(250);
    expected.rate = None;
    expected.control_rate = Rate::per_second(1, 2);
    expected.compression = None;
    expected.refusal = Refusal::AcceptThenClose;
    expected.wire.action_key = "type".into();
    expected.wire.case = sockeye::Case::Camel;
    expected.log_ignored = vec!["ping".to_owned()];
    assert_eq!(settings.options, expected);
    assert_eq!(settings.server.drain, sockeye::Drain::Leave);
    assert_eq!(settings.server.drain_window, Duration::from_secs(3));
    let mut hub = HubOptions::default();
    hub.shards = 2;
    hub.blocked_after = None;
    hub.overflow("prices", Overflow::KeepLatest);
    assert_eq!(settings.hub, hub);
    let _ = Hub::with_options(settings.hub);
}

#[test]
fn c15_what_a_file_cannot_say_is_refused_by_name() {
    for (document, told) in [
        (
            "[options]\nmesage_bytes = 1",
            "unknown field `mesage_bytes`",
        ),
        ("[option]", "unknown field `option`"),
        ("[options.heartbeat]\nperiod = 1", "unknown field `period`"),
        ("[options]\nmessage_bytes = -1", "invalid value"),
        (
            "[options]\nwrite_timeout = \"soon\"",
            "found \"soon\", expected a duration",
        ),
        (
            "[options]\nrate = { per_second = 0, burst = 1 }",
            "a nonzero u32",
        ),
        ("[options]\nrate = true", "\"off\""),
        ("[options]\ncompression = { level = 11 }", "expected 1 to 9"),
        (
            "[options]\ncompression = { server_max_window_bits = 8 }",
            "expected 9 to 15",
        ),
        (
            "[hub]\noverflow = { prices = \"drop\" }",
            "unknown variant `drop`",
        ),
    ] {
        let error = toml::from_str::<Settings>(document)
            .unwrap_err()
            .to_string();
        assert!(error.contains(told), "{document}: {error}");
    }
}

#[test]
fn c15_the_environment_wins_over_a_file() {
    let file: Settings =
        toml::from_str("options = { message_bytes = 1, groups = 7, rate = \"off\" }").unwrap();
    let settings = file
        .with_variables([
            ("PATH", "/bin"),
            ("SOCKEYE_MESSAGE_BYTES", "65536"),
            ("SOCKEYE_HEARTBEAT_INTERVAL", "10s"),
            ("SOCKEYE_IDLE_TIMEOUT", "90"),
            ("SOCKEYE_CONTROL_RATE_BURST", "5"),
            ("SOCKEYE_COMPRESSION", "off"),
            ("SOCKEYE_COMPLETION", "true"),
            ("SOCKEYE_PING", "0"),
            ("SOCKEYE_WIRE_ACTION_KEY", "7"),
            ("SOCKEYE_LOG_IGNORED", "ping, typing"),
            ("SOCKEYE_SERVER_CONNECTIONS", "5"),
            ("SOCKEYE_SERVER_DRAIN_WINDOW", "1m"),
            ("SOCKEYE_HUB_SHARDS", "3"),
            ("SOCKEYE_HUB_WATCH_SOCKETS", "true"),
            ("SOCKEYE_WATCH_SOCKETS", "0"),
        ])
        .unwrap();
    let options = &settings.options;
    assert_eq!((options.message_bytes, options.groups), (65536, 7));
    assert_eq!(options.heartbeat.interval, Duration::from_secs(10));
    assert_eq!(options.idle_timeout, Some(Duration::from_secs(90)));
    assert_eq!(options.control_rate, Rate::per_second(30, 5));
    assert_eq!((&options.compression, &options.rate), (&None, &None));
    assert!(options.completion && !options.ping);
    assert_eq!(options.wire.action_key, "7");
    assert_eq!(options.log_ignored, ["ping", "typing"]);
    assert_eq!(settings.server.connections, 5);
    assert_eq!(settings.server.drain_window, Duration::from_secs(60));
    assert_eq!(
        (settings.hub.shards, settings.hub.watch_sockets),
        (3, false)
    );
}

#[test]
fn c15_a_variable_that_says_nothing_we_know_is_refused_by_name() {
    for (name, value, told) in [
        (
            "SOCKEYE_MESAGE_BYTES",
            "1",
            "there is no setting of that name",
        ),
        (
            "SOCKEYE_SERVER_MESSAGE_BYTES",
            "1",
            "there is no setting of that name",
        ),
        ("SOCKEYE_", "1", "there is no setting of that name"),
        ("SOCKEYE_MESSAGE_BYTES", "lots", "expected usize"),
        ("SOCKEYE_MESSAGE_BYTES", "-1", "expected usize"),
        ("SOCKEYE_WRITE_TIMEOUT", "soon", "expected a duration"),
        ("SOCKEYE_PING", "maybe", "expected a boolean"),
        ("SOCKEYE_HEARTBEAT", "5s", "expected struct Heartbeat"),
        ("SOCKEYE_REFUSAL", "rude", "unknown variant"),
    ] {
        let error = Settings::default()
            .with_variables([(name, value)])
            .unwrap_err();
        let error = error.to_string();
        assert!(error.contains(&format!("{name}={value}")), "{error}");
        assert!(error.contains(told), "{error}");
    }
}

/// The documentation of each option tells its default; this holds the numbers in it to the truth.
#[test]
fn c15_documented_defaults_are_the_defaults() {
    let options = Options::default();
    assert_eq!(
        (options.message_bytes, options.frame_bytes),
        (1 << 20, 1 << 20)
    );
    assert_eq!((options.fragments, options.outbox_bytes), (1024, 1 << 20));
    assert_eq!(
        (options.groups, options.events, options.tasks),
        (128, 64, 32)
    );
    let seconds = [
        (options.message_timeout, 60),
        (options.write_timeout, 10),
        (options.heartbeat.interval, 25),
        (options.heartbeat.timeout, 20),
        (options.handshake_timeout, 10),
        (options.hook_timeout, 30),
        (options.disconnect_timeout, 5),
        (options.close_timeout, 5),
    ];
    for (timeout, seconds) in seconds {
        assert_eq!(timeout, Duration::from_secs(seconds));
    }
    assert_eq!(options.rate, Some(Rate::per_second(100, 200)));
    assert_eq!(options.control_rate, Rate::per_second(30, 60));
    assert!(options.ping && options.log_received && options.log_sent);
    assert!(!options.completion && !options.group_completion && !options.flush_each);
    let server = ServerOptions::default();
    assert_eq!((server.connections, server.headers), (100_000, 64));
    assert_eq!(server.header_bytes, 16 * 1024);
}
