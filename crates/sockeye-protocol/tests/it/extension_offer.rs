//! What a server makes of `Sec-WebSocket-Extensions`, row by row.

use http::header::SEC_WEBSOCKET_EXTENSIONS;
use http::{HeaderMap, HeaderValue};
use sockeye_protocol::DeflateConfig;
use sockeye_protocol::deflate::{EXTENSIONS_MAX, ExtensionError, negotiate};

const NO_CONTEXT: &str =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

fn headers<'a>(lines: impl IntoIterator<Item = &'a str>) -> HeaderMap {
    let value = |line: &str| HeaderValue::from_bytes(line.as_bytes()).unwrap();
    lines
        .into_iter()
        .map(|line| (SEC_WEBSOCKET_EXTENSIONS, value(line)))
        .collect()
}

/// The answer to these header lines, `None` when compression is declined.
fn answer(lines: &[&str], config: &DeflateConfig) -> Result<Option<String>, ExtensionError> {
    let agreed = negotiate(&headers(lines.iter().copied()), config)?;
    Ok(agreed.map(|(_, value)| value.to_str().unwrap().to_owned()))
}

fn check(config: &DeflateConfig, rows: &[(&[&str], Option<&str>)]) {
    for (lines, expected) in rows {
        let found = answer(lines, config).unwrap_or_else(|error| panic!("{lines:?}: {error}"));
        assert_eq!(found.as_deref(), *expected, "{lines:?}");
    }
}

/// A server that takes contexts over and keeps every window.
fn generous() -> DeflateConfig {
    DeflateConfig::default()
        .server_context_takeover(true)
        .client_context_takeover(true)
}

#[test]
fn a_server_without_contexts_says_so_in_every_answer() {
    let with_bits = format!("{NO_CONTEXT}; server_max_window_bits=10");
    check(
        &DeflateConfig::default(),
        &[
            (&[], None),
            (&[""], None),
            (&["permessage-deflate"], Some(NO_CONTEXT)),
            (
                &["permessage-deflate; client_max_window_bits"],
                Some(NO_CONTEXT),
            ),
            (
                &["permessage-deflate; client_max_window_bits=15"],
                Some(NO_CONTEXT),
            ),
            (
                &["permessage-deflate; server_no_context_takeover"],
                Some(NO_CONTEXT),
            ),
            (
                &["permessage-deflate; client_no_context_takeover"],
                Some(NO_CONTEXT),
            ),
            (
                &["permessage-deflate; server_max_window_bits=10"],
                Some(&with_bits),
            ),
        ],
    );
}

#[test]
fn a_generous_server_keeps_what_is_asked() {
    check(
        &generous(),
        &[
            (&["permessage-deflate"], Some("permessage-deflate")),
            (
                &["permessage-deflate; server_no_context_takeover"],
                Some("permessage-deflate; server_no_context_takeover"),
            ),
            (
                &["permessage-deflate; client_no_context_takeover"],
                Some("permessage-deflate; client_no_context_takeover"),
            ),
            (
                &["permessage-deflate; server_max_window_bits=15"],
                Some("permessage-deflate; server_max_window_bits=15"),
            ),
            (
                &["permessage-deflate; server_max_window_bits=9"],
                Some("permessage-deflate; server_max_window_bits=9"),
            ),
            (
                &["permessage-deflate; client_max_window_bits=12"],
                Some("permessage-deflate; client_max_window_bits=12"),
            ),
            (
                &["permessage-deflate; client_max_window_bits=8"],
                Some("permessage-deflate; client_max_window_bits=8"),
            ),
            (
                &["permessage-deflate; client_max_window_bits"],
                Some("permessage-deflate"),
            ),
        ],
    );
}

#[test]
fn a_server_with_small_windows_asks_only_those_who_offer() {
    let config = generous()
        .server_max_window_bits(11)
        .client_max_window_bits(10);
    check(
        &config,
        &[
            (&["permessage-deflate"], Some("permessage-deflate")),
            (
                &["permessage-deflate; server_max_window_bits=15"],
                Some("permessage-deflate; server_max_window_bits=11"),
            ),
            (
                &["permessage-deflate; server_max_window_bits=9"],
                Some("permessage-deflate; server_max_window_bits=9"),
            ),
            (
                &["permessage-deflate; client_max_window_bits"],
                Some("permessage-deflate; client_max_window_bits=10"),
            ),
            (
                &["permessage-deflate; client_max_window_bits=15"],
                Some("permessage-deflate; client_max_window_bits=10"),
            ),
            (
                &["permessage-deflate; client_max_window_bits=9"],
                Some("permessage-deflate; client_max_window_bits=9"),
            ),
        ],
    );
}

#[test]
fn an_impossible_offer_is_passed_over_for_the_next() {
    let impossible = [
        "x-webkit-deflate-frame",
        "Permessage-Deflate",
        "permessage-deflate; unknown",
        "permessage-deflate; unknown=1",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover=true",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; server_max_window_bits=+10",
        "permessage-deflate; server_max_window_bits=1e1",
        "permessage-deflate; server_max_window_bits=99999999999999999999",
        "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
    ];
    for offer in impossible {
        check(
            &generous(),
            &[
                (&[offer], None),
                (&[offer, "permessage-deflate"], Some("permessage-deflate")),
                (
                    &[&format!("{offer}, permessage-deflate")],
                    Some("permessage-deflate"),
                ),
                (
                    &[&format!("permessage-deflate, {offer}")],
                    Some("permessage-deflate"),
                ),
            ],
        );
    }
}

#[test]
fn spaces_quotes_and_empty_elements_do_not_matter() {
    let bits = Some("permessage-deflate; server_max_window_bits=10");
    check(
        &generous(),
        &[
            (&["permessage-deflate;server_max_window_bits=10"], bits),
            (
                &["  permessage-deflate \t;\t server_max_window_bits = 10  "],
                bits,
            ),
            (&["permessage-deflate; server_max_window_bits=\"10\""], bits),
            (
                &["permessage-deflate; server_max_window_bits=\"1\\0\""],
                bits,
            ),
            (
                &[", ,permessage-deflate; server_max_window_bits=10,,"],
                bits,
            ),
            (
                &["", "permessage-deflate; server_max_window_bits=10", ""],
                bits,
            ),
            (
                &["foo; bar=\"baz\"; qux, permessage-deflate; server_max_window_bits=10"],
                bits,
            ),
        ],
    );
}

#[test]
fn the_first_offer_that_can_be_kept_wins() {
    check(
        &generous(),
        &[
            (
                &["permessage-deflate; server_max_window_bits=9, permessage-deflate"],
                Some("permessage-deflate; server_max_window_bits=9"),
            ),
            (
                &[
                    "permessage-deflate; server_max_window_bits=8, permessage-deflate; client_max_window_bits",
                ],
                Some("permessage-deflate"),
            ),
            (
                &["foo", "bar", "permessage-deflate"],
                Some("permessage-deflate"),
            ),
        ],
    );
}

#[test]
fn broken_grammar_fails_the_handshake() {
    let broken = [
        ";",
        "; permessage-deflate",
        "permessage-deflate;",
        "permessage-deflate; ;",
        "permessage-deflate; =10",
        "permessage-deflate; server_max_window_bits=",
        "permessage-deflate; server_max_window_bits=\"\"",
        "permessage-deflate; server_max_window_bits=\"10",
        "permessage-deflate; server_max_window_bits=\"10\\",
        "permessage-deflate; server_max_window_bits=\"1 0\"",
        "permessage-deflate; server_max_window_bits=\"\\ 1\"",
        "permessage-deflate; server_max_window_bits=\"10\"0",
        "permessage-deflate; server_max_window_bits=10=10",
        "permessage-deflate server_max_window_bits=10",
        "permessage deflate",
        "permessage/deflate",
        "\u{e9}",
        "permessage-deflate, =",
    ];
    for line in broken {
        let found = answer(&[line], &generous());
        assert!(
            matches!(found, Err(ExtensionError::Syntax { .. })),
            "{line:?}: {found:?}"
        );
    }
}

#[test]
fn extensions_and_parameters_are_counted() {
    let list = |count: usize, separator: &str| vec!["x"; count].join(separator);
    let rows = [
        (list(EXTENSIONS_MAX, ","), true),
        (list(EXTENSIONS_MAX + 1, ","), false),
        (list(EXTENSIONS_MAX + 1, ";"), true),
        (list(EXTENSIONS_MAX + 2, ";"), false),
        (list(100_000, ","), false),
        (list(100_000, ";"), false),
    ];
    for (line, passes) in rows {
        let expected = if passes {
            Ok(None)
        } else {
            Err(ExtensionError::TooMany)
        };
        assert_eq!(
            answer(&[&line], &generous()),
            expected,
            "{} bytes",
            line.len()
        );
    }
    let lines = ["x"; EXTENSIONS_MAX + 1];
    assert_eq!(
        answer(&lines, &generous()),
        Err(ExtensionError::TooMany),
        "over several lines"
    );
}

#[test]
fn what_an_error_repeats_is_short_and_printable() {
    let line = format!("permessage-deflate {}", "\u{e9}".repeat(1000));
    let Err(ExtensionError::Syntax { found }) = answer(&[&line], &generous()) else {
        panic!("it is not valid");
    };
    assert!(
        found.len() < 300 && found.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "{found}"
    );
}
