//! Pages that may connect, and the many that only look like them.

use std::panic::catch_unwind;

use http::Request;

use super::OriginPolicy;
use crate::handshake::Handshake;

/// A handshake as a browser sends it: over TLS or not, with these headers.
fn handshake(secure: bool, headers: &[(&str, &str)]) -> Handshake {
    let mut request = Request::get("/chat");
    for (name, value) in headers {
        request = request.header(*name, value.as_bytes());
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let local = Some("127.0.0.1:8080".parse().unwrap());
    Handshake::from_parts(&parts, None, local, secure)
}

fn passes(policy: &OriginPolicy, secure: bool, headers: &[(&str, &str)]) -> bool {
    match policy.check(&handshake(secure, headers)) {
        Ok(()) => true,
        Err(rejection) => {
            assert_eq!(rejection.status(), 403);
            false
        }
    }
}

const HTTPS: bool = true;
const HTTP: bool = false;

/// Transport, `Host` and `Origin` of pages that belong to the endpoint.
const OWN_PAGES: [&str; 11] = [
    "tls example.com <- https://example.com",
    "tcp example.com <- http://example.com",
    "tls example.com:443 <- https://example.com",
    "tls example.com <- https://example.com:443",
    "tcp example.com:80 <- http://example.com",
    "tcp localhost:3000 <- http://localhost:3000",
    "tcp [::1]:3000 <- http://[::1]:3000",
    "tls EXAMPLE.com <- https://example.COM",
    "tls example.com <- HTTPS://example.com",
    "tls xn--bcher-kva.example <- https://xn--bcher-kva.example",
    "tls example.com. <- https://example.com.",
];

/// The same of pages that do not.
const FOREIGN_PAGES: [&str; 47] = [
    // another scheme
    "tls example.com <- http://example.com",
    "tcp example.com <- https://example.com",
    "tls example.com <- wss://example.com",
    "tls example.com <- file://example.com",
    "tls example.com <- http://example.com:443",
    "tls example.com:8443 <- http://example.com:8443",
    // another port
    "tls example.com <- https://example.com:8443",
    "tls example.com:8443 <- https://example.com",
    "tcp example.com <- http://example.com:443",
    "tcp localhost:3000 <- http://localhost:3001",
    // prefixes, suffixes, neighbours
    "tls example.com <- https://evilexample.com",
    "tls example.com <- https://example.com.evil.example",
    "tls example.com <- https://example.co",
    "tls example.com <- https://www.example.com",
    "tls www.example.com <- https://example.com",
    "tls example.com <- https://example.com.",
    "tls example.com. <- https://example.com",
    "tcp 127.0.0.1 <- http://127.0.0.1.nip.example",
    // user information, paths and other things that no browser sends
    "tls example.com <- https://example.com@evil.example",
    "tls example.com <- https://evil.example@example.com",
    "tls example.com <- https://user:pw@example.com",
    "tls example.com <- https://example.com/",
    "tls example.com <- https://evil.example/https://example.com",
    "tls example.com <- https://evil.example#https://example.com",
    "tls example.com <- https://evil.example?x=https://example.com",
    "tls example.com <- https://evil.example\\example.com",
    "tls example.com <- https://example.com https://evil.example",
    "tls example.com <- https://example.com, https://evil.example",
    "tls example.com <- https://example.com:",
    "tls example.com <- https://example.com:0443x",
    "tls example.com <- https:example.com",
    "tls example.com <- //example.com",
    "tls example.com <- example.com",
    "tls example.com <- https://",
    "tls example.com <- ://example.com",
    "tls example.com <- https://*",
    "tls example.com <- *",
    "tls example.com <- null",
    "tls example.com <- NULL",
    "tls null <- null",
    "tls example.com <- ",
    // names outside ASCII
    "tls bücher.example <- https://bücher.example",
    "tls xn--bcher-kva.example <- https://bücher.example",
    "tls example.com <- https://еxample.com",
    "tls example.com <- https://ex%61mple.com",
    // a host that cannot be read is nobody's
    "tls  <- https://example.com",
    "tls user@example.com <- https://example.com",
];

#[test]
fn the_same_origin_passes_and_nothing_that_resembles_it() {
    let policy = OriginPolicy::same_origin();
    let check = |row: &str| {
        let (transport, headers) = row.split_once(' ').unwrap();
        let (host, origin) = headers.split_once(" <- ").unwrap();
        passes(
            &policy,
            transport == "tls",
            &[("host", host), ("origin", origin)],
        )
    };
    for row in OWN_PAGES {
        assert!(check(row), "{row}");
    }
    for row in FOREIGN_PAGES {
        assert!(!check(row), "{row}");
    }
}

#[test]
fn the_local_address_is_not_the_host() {
    let same_as_local = [("origin", "http://127.0.0.1:8080")];
    assert!(!passes(&OriginPolicy::same_origin(), HTTP, &same_as_local));
}

#[test]
fn several_origins_or_hosts_are_nobodys() {
    let own = ("origin", "https://example.com");
    let host = ("host", "example.com");
    let policies = [
        OriginPolicy::same_origin(),
        OriginPolicy::allow(["https://example.com"]),
    ];
    for policy in &policies {
        assert!(passes(policy, HTTPS, &[host, own]));
        assert!(!passes(
            policy,
            HTTPS,
            &[host, own, ("origin", "https://evil.example")]
        ));
        assert!(!passes(
            policy,
            HTTPS,
            &[host, ("origin", "https://evil.example"), own]
        ));
        assert!(!passes(policy, HTTPS, &[host, own, own]));
    }
    assert!(!passes(
        &policies[0],
        HTTPS,
        &[host, ("host", "evil.example"), own]
    ));
}

#[test]
fn a_client_without_an_origin_passes_unless_one_is_required() {
    let host = [("host", "example.com")];
    for policy in [
        OriginPolicy::same_origin(),
        OriginPolicy::allow(["https://a.example"]),
        OriginPolicy::any(),
    ] {
        assert!(passes(&policy, HTTPS, &host));
        assert!(!passes(&policy.require_origin(true), HTTPS, &host));
    }
}

#[test]
fn a_list_admits_its_entries_only() {
    let policy = OriginPolicy::allow([
        "https://example.com",
        "http://localhost:5173",
        "https://*.apps.example",
        "https://*.ports.example:8443",
        "http://*.localhost",
        "chrome-extension://abcdef",
    ]);
    let check = |origin| {
        passes(
            &policy,
            HTTPS,
            &[("host", "own.example"), ("origin", origin)],
        )
    };
    for origin in [
        "https://example.com",
        "https://EXAMPLE.com:443",
        "http://localhost:5173",
        "https://one.apps.example",
        "https://two.one.APPS.example",
        "https://a.ports.example:8443",
        "http://dev.localhost",
        "chrome-extension://abcdef",
    ] {
        assert!(check(origin), "{origin:?}");
    }
    for origin in [
        "http://example.com",
        "https://www.example.com",
        "http://localhost",
        "http://localhost:51730",
        "https://apps.example",
        "https://.apps.example",
        "https://-apps.example",
        "https://evilapps.example",
        "https://one.apps.example.evil.example",
        "https://one.apps.example.",
        "https://evil.example/.apps.example",
        "https://evil@one.apps.example",
        "https://one.apps.example:8443",
        "http://one.apps.example",
        "https://a.ports.example",
        "https://*.apps.example",
        "chrome-extension://abcdeg",
        "https://own.example",
        "null",
        "",
    ] {
        assert!(!check(origin), "{origin:?}");
    }
}

#[test]
fn any_page_passes_when_any_may() {
    for origin in ["https://evil.example", "null", "", "nonsense"] {
        let headers = [("host", "example.com"), ("origin", origin)];
        assert!(
            passes(&OriginPolicy::any().require_origin(true), HTTPS, &headers),
            "{origin}"
        );
    }
}

#[test]
fn two_policies_side_by_side_share_nothing() {
    let headers = [
        ("host", "example.com"),
        ("origin", "https://partner.example"),
    ];
    let open = OriginPolicy::allow(["https://partner.example"]);
    let closed = OriginPolicy::same_origin();
    assert!(passes(&open, HTTPS, &headers));
    assert!(!passes(&closed, HTTPS, &headers));
    assert!(passes(&open, HTTPS, &headers));
}

#[test]
fn forwarded_headers_count_only_when_they_are_trusted() {
    let rows = [
        // (X-Forwarded-Proto, X-Forwarded-Host, passes when trusted)
        (Some("https"), Some("example.com"), true),
        (Some("wss"), Some("example.com:443"), true),
        (Some("https, http"), Some("example.com, b:80"), true),
        (Some("http"), Some("example.com"), false),
        (Some("gopher"), Some("example.com"), false),
        (Some(""), Some("example.com"), false),
        (Some("https"), Some("evil.example"), false),
        (Some("https"), Some(""), false),
        (None, Some("example.com"), false),
        (Some("https"), None, false),
    ];
    let trusting = OriginPolicy::same_origin().trust_forwarded(true);
    for (proto, host, wanted) in rows {
        let mut headers = vec![("host", "backend:8080"), ("origin", "https://example.com")];
        headers.extend(proto.map(|proto| ("x-forwarded-proto", proto)));
        headers.extend(host.map(|host| ("x-forwarded-host", host)));
        assert_eq!(passes(&trusting, HTTP, &headers), wanted, "{headers:?}");
        assert!(
            !passes(&OriginPolicy::same_origin(), HTTP, &headers),
            "{headers:?}"
        );
    }
    let direct = [("host", "example.com"), ("origin", "https://example.com")];
    let behind_tls = [&direct[..], &[("x-forwarded-proto", "https")]].concat();
    assert!(passes(&trusting, HTTP, &behind_tls));
    assert!(passes(&trusting, HTTPS, &direct));
    assert!(!passes(&trusting, HTTP, &direct));
}

#[test]
fn an_entry_that_is_no_origin_panics_with_the_way_to_write_it() {
    let rows = [
        ("*", "OriginPolicy::any()"),
        ("null", "cannot be allowed"),
        ("wss://example.com", "http:// or https://"),
        ("https://bücher.example", "punycode"),
        ("example.com", "scheme://host"),
        ("https://example.com/", "nothing after it"),
        ("https://example.com:port", "scheme://host:port"),
        ("1ttps://example.com", "scheme://host"),
        ("://example.com", "scheme://host"),
        ("https://*", "scheme://host"),
        ("https://*.com", "domain of your own"),
        ("https://a.*.example.com", "scheme://host"),
        ("", "scheme://host"),
    ];
    for (entry, advice) in rows {
        let panic = catch_unwind(|| OriginPolicy::allow([entry])).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(
            text.contains(&format!("`{entry}`")) && text.contains(advice),
            "{entry}: {text}"
        );
    }
    assert!(catch_unwind(|| OriginPolicy::allow(Vec::<String>::new())).is_err());
}
