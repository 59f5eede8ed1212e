//! Cross-site hijacking: which pages may connect, told by what their browsers send (CWE-1385).

use futures_util::future::join_all;

use crate::harness::{Raw, Server};

/// Path, header lines, and whether the page may connect. The request's host is `localhost`.
#[rustfmt::skip]
const PAGES: &[(&str, &str, bool)] = &[
    // By default: the page's scheme, host and port are the endpoint's own.
    ("/echo", "", true),
    ("/echo", "Origin: http://localhost", true),
    ("/echo", "Origin: http://localhost:80", true),
    ("/echo", "Origin: http://LOCALHOST", true),
    ("/echo", "Origin: https://localhost", false),
    ("/echo", "Origin: http://localhost:8080", false),
    ("/echo", "Origin: http://evil.example", false),
    ("/echo", "Origin: http://localhost.evil.example", false),
    ("/echo", "Origin: http://evil-localhost", false),
    ("/echo", "Origin: http://evil.localhost", false),
    ("/echo", "Origin: http://localhost.", false),
    ("/echo", "Origin: http://localhost@evil.example", false),
    ("/echo", "Origin: http://evil.example@localhost", false),
    ("/echo", "Origin: http://localhost:80@evil.example", false),
    ("/echo", "Origin: http://evil.example/localhost", false),
    ("/echo", "Origin: http://evil.example?http://localhost", false),
    ("/echo", "Origin: http://evil.example#http://localhost", false),
    ("/echo", "Origin: http://localhost/", false),
    ("/echo", "Origin: http://localhost\\@evil.example", false),
    ("/echo", "Origin: http://l\u{43e}calhost", false),
    ("/echo", "Origin: http://xn--lcalhost-8jg", false),
    ("/echo", "Origin: http://127.0.0.1", false),
    ("/echo", "Origin: http://[::1]", false),
    ("/echo", "Origin: http://", false),
    ("/echo", "Origin: //localhost", false),
    ("/echo", "Origin: localhost", false),
    ("/echo", "Origin: null", false),
    ("/echo", "Origin:", false),
    ("/echo", "Origin: file://", false),
    ("/echo", "Origin: file://localhost", false),
    ("/echo", "Origin: chrome-extension://localhost", false),
    ("/echo", "Origin: http://localhost, http://evil.example", false),
    ("/echo", "Origin: http://localhost http://evil.example", false),
    ("/echo", "Origin: http://localhost\r\nOrigin: http://evil.example", false),
    ("/echo", "Origin: http://localhost\r\nOrigin: http://localhost", false),
    // What a proxy would say counts only where a proxy is trusted.
    ("/echo", "Origin: http://evil.example\r\nX-Forwarded-Host: evil.example", false),
    ("/echo", "Origin: https://localhost\r\nX-Forwarded-Proto: https", false),
    ("/echo", "Origin: http://evil.example\r\nForwarded: host=evil.example", false),
    ("/echo", "Origin: http://evil.example\r\nX-Host: evil.example", false),
    ("/origin/forwarded", "Origin: https://app.example\r\nX-Forwarded-Host: app.example\r\nX-Forwarded-Proto: https", true),
    ("/origin/forwarded", "Origin: https://app.example\r\nX-Forwarded-Host: app.example, inner\r\nX-Forwarded-Proto: https", true),
    ("/origin/forwarded", "Origin: http://localhost", true),
    ("/origin/forwarded", "Origin: https://evil.example\r\nX-Forwarded-Host: app.example\r\nX-Forwarded-Proto: https", false),
    ("/origin/forwarded", "Origin: http://app.example\r\nX-Forwarded-Host: app.example\r\nX-Forwarded-Proto: https", false),
    // A list is the whole list.
    ("/origin/listed", "", true),
    ("/origin/listed", "Origin: https://app.example", true),
    ("/origin/listed", "Origin: https://APP.example:443", true),
    ("/origin/listed", "Origin: https://a.pages.example:8443", true),
    ("/origin/listed", "Origin: https://a.b.pages.example:8443", true),
    ("/origin/listed", "Origin: http://app.example", false),
    ("/origin/listed", "Origin: https://app.example:444", false),
    ("/origin/listed", "Origin: https://app.example.evil.example", false),
    ("/origin/listed", "Origin: https://evilapp.example", false),
    ("/origin/listed", "Origin: https://pages.example:8443", false),
    ("/origin/listed", "Origin: https://a.pages.example", false),
    ("/origin/listed", "Origin: https://evilpages.example:8443", false),
    ("/origin/listed", "Origin: http://localhost", false),
    ("/origin/listed", "Origin: null", false),
    // The other policies of other routes, which do not rub off.
    ("/origin/required", "", false),
    ("/origin/required", "Origin: http://localhost", true),
    ("/origin/required", "Origin: http://evil.example", false),
    ("/origin/any", "Origin: http://evil.example", true),
    ("/origin/any", "Origin: null", true),
];

#[tokio::test]
async fn only_pages_of_allowed_origins_connect() {
    let server = Server::start();
    let answers = join_all(PAGES.iter().map(async |(path, lines, admitted)| {
        let mut raw = server.raw().await;
        let lines = if lines.is_empty() {
            String::new()
        } else {
            format!("{lines}\r\n")
        };
        raw.write(format!("{}{lines}\r\n", Raw::head(path)).as_bytes())
            .await;
        let found = raw.response().await.status;
        let expected = if *admitted { 101 } else { 403 };
        (found != expected).then(|| format!("{path} {lines:?}: expected {expected}, found {found}"))
    }))
    .await;
    let wrong: Vec<_> = answers.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("{} origins", PAGES.len());
}
