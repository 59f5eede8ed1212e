//! Client: plain HTTP/1.1 over a socket, as it is written by hand.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Asks one server, as one user.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            token: None,
        }
    }

    /// The same as somebody who has signed in.
    pub(crate) fn of(&self, user: &str) -> Self {
        Self {
            token: Some(user.to_owned()),
            ..*self
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, &body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.ask("PUT", path, &body.to_string()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.ask("PATCH", path, &body.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, "").await
    }

    /// Sends a body as JSON, whatever it is.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(method, path, "content-type: application/json\r\n", body)
            .await
    }

    /// Sends a request with headers of its own.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let token = self
            .token
            .as_ref()
            .map(|token| format!("authorization: Bearer {token}\r\n"));
        let token = token.unwrap_or_default();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: {length}\r\n{token}{headers}\r\n"
        );
        // A server that refuses a long body does not read all of it.
        let _ = stream
            .write_all(&[head.as_bytes(), body.as_bytes()].concat())
            .await;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Answer {
            status: status.unwrap_or_else(|| panic!("no answer to {method} {path}: {text:?}")),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }
}

impl Answer {
    /// The body, of an answer with this status.
    #[track_caller]
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// What is wrong at which places, of a problem with this status.
    #[track_caller]
    pub(crate) fn faults(&self, status: u16) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        let problem = self.json(status);
        assert_eq!(problem["status"], status, "{problem}");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{problem}"
        );
        let faults = problem["errors"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let faults = faults.iter().map(|fault| {
            let place = fault["loc"].as_array().unwrap().iter();
            let place: Vec<_> = place
                .map(|part| part.to_string().replace('"', ""))
                .collect();
            format!(
                "{} {}: {}",
                fault["type"].as_str().unwrap(),
                place.join("."),
                fault["msg"].as_str().unwrap()
            )
        });
        faults.collect::<Vec<_>>().join("; ")
    }
}
