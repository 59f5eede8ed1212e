//! Extensions: how offers of permessage-deflate are answered (RFC 6455 9.1, RFC 7692 7.1).

use futures_util::future::join_all;

use crate::harness::{Raw, Server};

const NONE: &str = "";
const AGREED: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// An offer, and the answer to it; one that breaks the grammar fails the handshake.
#[rustfmt::skip]
const OFFERS: &[(&str, Result<&str, u16>)] = &[
    ("permessage-deflate", Ok(AGREED)),
    ("permessage-deflate;server_no_context_takeover", Ok(AGREED)),
    ("permessage-deflate ; client_no_context_takeover", Ok(AGREED)),
    ("permessage-deflate; client_max_window_bits", Ok(AGREED)),
    ("permessage-deflate; client_max_window_bits=15", Ok(AGREED)),
    ("permessage-deflate; client_max_window_bits=\"15\"", Ok(AGREED)),
    ("permessage-deflate; client_max_window_bits=8", Ok("permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=8")),
    ("permessage-deflate; server_max_window_bits=15", Ok("permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=15")),
    ("permessage-deflate; server_max_window_bits=9", Ok("permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9")),
    ("permessage-deflate; server_max_window_bits=\"1\\0\"", Ok("permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10")),
    (",, permessage-deflate ,,", Ok(AGREED)),
    ("permessage-deflate, permessage-deflate; client_max_window_bits", Ok(AGREED)),
    ("permessage-deflate; server_max_window_bits=8, permessage-deflate", Ok(AGREED)),
    ("permessage-deflate; unknown, permessage-deflate", Ok(AGREED)),
    ("x-webkit-deflate-frame, permessage-deflate", Ok(AGREED)),
    ("unknown; with=parameters; more", Ok(NONE)),
    ("", Ok(NONE)),
    (",", Ok(NONE)),
    ("PERMESSAGE-DEFLATE", Ok(NONE)),
    ("permessage-deflated", Ok(NONE)),
    ("permessage-deflate; server_max_window_bits=8", Ok(NONE)),
    ("permessage-deflate; server_max_window_bits=7", Ok(NONE)),
    ("permessage-deflate; server_max_window_bits=16", Ok(NONE)),
    ("permessage-deflate; server_max_window_bits=0", Ok(NONE)),
    ("permessage-deflate; server_max_window_bits=09", Ok(NONE)),
    ("permessage-deflate; server_max_window_bits=1000", Ok(NONE)),
    ("permessage-deflate; server_max_window_bits=18446744073709551631", Ok(NONE)),
    ("permessage-deflate; server_max_window_bits", Ok(NONE)),
    ("permessage-deflate; client_max_window_bits=7", Ok(NONE)),
    ("permessage-deflate; client_max_window_bits=16", Ok(NONE)),
    ("permessage-deflate; client_max_window_bits=-9", Ok(NONE)),
    ("permessage-deflate; client_max_window_bits=x", Ok(NONE)),
    ("permessage-deflate; client_max_window_bits; client_max_window_bits", Ok(NONE)),
    ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", Ok(NONE)),
    ("permessage-deflate; server_no_context_takeover=1", Ok(NONE)),
    ("permessage-deflate; unknown", Ok(NONE)),
    ("permessage-deflate;", Err(400)),
    ("permessage-deflate; ; client_max_window_bits", Err(400)),
    ("permessage-deflate; client_max_window_bits=", Err(400)),
    ("permessage-deflate; client_max_window_bits=\"\"", Err(400)),
    ("permessage-deflate; client_max_window_bits=\"15", Err(400)),
    ("permessage-deflate; client_max_window_bits=\"1 5\"", Err(400)),
    ("permessage-deflate; =15", Err(400)),
    ("permessage deflate", Err(400)),
    ("permessage/deflate", Err(400)),
    ("\"permessage-deflate\"", Err(400)),
    ("=", Err(400)),
    (";", Err(400)),
    ("a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q", Err(400)),
    ("a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q;r", Err(400)),
];

#[tokio::test]
async fn offers_of_compression_are_agreed_to_declined_or_refused() {
    let server = Server::start();
    join_all(OFFERS.iter().map(async |(offer, expected)| {
        let mut raw = server.raw().await;
        let head = Raw::head("/echo");
        raw.write(format!("{head}Sec-WebSocket-Extensions: {offer}\r\n\r\n").as_bytes())
            .await;
        let response = raw.response().await;
        assert_eq!(response.status, expected.err().unwrap_or(101), "{offer}");
        let answer = response
            .header("sec-websocket-extensions")
            .unwrap_or_default();
        assert_eq!(answer, expected.unwrap_or_default(), "{offer}");
        if expected.is_ok() {
            raw.lives().await;
        }
    }))
    .await;
    println!("{} extension offers", OFFERS.len());
}
