//! What a client offers, and what it accepts in return.

use http::header::SEC_WEBSOCKET_EXTENSIONS;
use http::{HeaderMap, HeaderValue};
use sockeye_protocol::deflate::{ExtensionError, check_answer, offer};
use sockeye_protocol::{Deflate, DeflateConfig};

fn answered(line: &'static str, config: &DeflateConfig) -> Result<Option<Deflate>, ExtensionError> {
    let value = HeaderValue::from_static(line);
    check_answer(
        &HeaderMap::from_iter([(SEC_WEBSOCKET_EXTENSIONS, value)]),
        config,
    )
}

fn generous() -> DeflateConfig {
    DeflateConfig::default()
        .server_context_takeover(true)
        .client_context_takeover(true)
}

#[test]
fn an_offer_says_what_the_configuration_says() {
    let rows = [
        (
            DeflateConfig::default(),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits",
        ),
        (generous(), "permessage-deflate; client_max_window_bits"),
        (
            generous().server_max_window_bits(9),
            "permessage-deflate; server_max_window_bits=9; client_max_window_bits",
        ),
        (
            generous().client_max_window_bits(12),
            "permessage-deflate; client_max_window_bits=12",
        ),
    ];
    for (config, expected) in rows {
        assert_eq!(offer(&config).unwrap(), expected);
    }
}

#[test]
fn no_answer_is_no_compression() {
    assert_eq!(check_answer(&HeaderMap::new(), &generous()), Ok(None));
}

#[test]
fn an_answer_within_the_offer_is_accepted() {
    let takeover = |server, client| (server, client, 15, 15);
    let rows = [
        ("permessage-deflate", takeover(true, true)),
        (
            "permessage-deflate; server_no_context_takeover",
            takeover(false, true),
        ),
        (
            "permessage-deflate; client_no_context_takeover",
            takeover(true, false),
        ),
        (
            "permessage-deflate; server_max_window_bits=8",
            (true, true, 8, 15),
        ),
        (
            "permessage-deflate; client_max_window_bits=9",
            (true, true, 15, 9),
        ),
        (
            "permessage-deflate; server_max_window_bits=\"12\"; client_max_window_bits=15",
            (true, true, 12, 15),
        ),
    ];
    for (line, expected) in rows {
        let deflate = answered(line, &generous()).unwrap().unwrap();
        let found = (
            deflate.server_context_takeover(),
            deflate.client_context_takeover(),
            deflate.server_max_window_bits(),
            deflate.client_max_window_bits(),
        );
        assert_eq!(found, expected, "{line}");
    }
}

#[test]
fn a_client_keeps_to_what_it_offered_even_when_the_server_asks_less() {
    let config = generous()
        .client_context_takeover(false)
        .client_max_window_bits(10);
    for line in [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits=15",
    ] {
        let deflate = answered(line, &config).unwrap().unwrap();
        assert!(!deflate.client_context_takeover());
        assert_eq!(deflate.client_max_window_bits(), 10);
    }
}

#[test]
fn an_answer_beyond_the_offer_is_refused() {
    let rows = [
        ("x-webkit-deflate-frame", generous()),
        ("permessage-deflate, permessage-deflate", generous()),
        ("permessage-deflate, foo", generous()),
        ("permessage-deflate; foo", generous()),
        ("permessage-deflate; client_max_window_bits", generous()),
        ("permessage-deflate; client_max_window_bits=8", generous()),
        ("permessage-deflate; client_max_window_bits=16", generous()),
        ("permessage-deflate; server_max_window_bits", generous()),
        (
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            generous(),
        ),
        (
            "permessage-deflate",
            generous().server_context_takeover(false),
        ),
        ("permessage-deflate", generous().server_max_window_bits(10)),
        (
            "permessage-deflate; server_max_window_bits=11",
            generous().server_max_window_bits(10),
        ),
        ("permessage-deflate;", generous()),
    ];
    for (line, config) in rows {
        assert!(answered(line, &config).is_err(), "{line}");
    }
}
