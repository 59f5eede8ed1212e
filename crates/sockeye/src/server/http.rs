//! Http: hyper's two servers, with our limits.

use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::config::ServerOptions;

/// How HTTP/1.1 and HTTP/2 are spoken. What is not set here has limits of hyper's own: over HTTP/2 20 streams that were
/// reset before they were served, 1,024 that a client made us reset, 5 CONTINUATION frames in a row.
pub(crate) struct Http {
    pub(crate) http1: http1::Builder,
    pub(crate) http2: http2::Builder<TokioExecutor>,
}

impl Http {
    pub(crate) fn new(options: &ServerOptions) -> Self {
        Self {
            http1: http1(options),
            http2: http2(options),
        }
    }
}

fn http1(options: &ServerOptions) -> http1::Builder {
    let mut http1 = http1::Builder::new();
    http1
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        // hyper wants at least 8 KiB.
        .max_buf_size(options.header_bytes.max(8 * 1024))
        .max_headers(options.headers);
    http1
}

fn http2(options: &ServerOptions) -> http2::Builder<TokioExecutor> {
    // Sockets and requests that one client may have open over HTTP/2.
    const STREAMS_MAX: u32 = 128;
    // What each may send ahead of its handler. The connection has room for that from all of them: a socket that is not
    // read for a while must not stop its neighbours.
    const STREAM_BYTES: u32 = 64 * 1024;
    let mut http2 = http2::Builder::new(TokioExecutor::new());
    http2
        .timer(TokioTimer::new())
        .enable_connect_protocol()
        .max_concurrent_streams(STREAMS_MAX)
        .initial_stream_window_size(STREAM_BYTES)
        .initial_connection_window_size(STREAMS_MAX * STREAM_BYTES)
        .max_header_list_size(u32::try_from(options.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(20));
    http2
}
