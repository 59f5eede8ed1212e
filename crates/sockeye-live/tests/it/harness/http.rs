//! HTTP as an ordinary client speaks it.

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::harness::{House, within};

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        let read = serde_json::from_str(&self.body);
        read.unwrap_or_else(|error| panic!("{error} in {:?}", self.body))
    }
}

impl House {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.http(Method::GET, path, None, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.http(Method::POST, path, Some(body), None).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.http(Method::PATCH, path, Some(body), None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.http(Method::DELETE, path, None, None).await
    }

    /// A request on a connection of its own, of a user where one is named.
    pub(crate) async fn http(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        user: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(HOST, self.address.to_string());
        if let Some(user) = user {
            request = request.header(AUTHORIZATION, format!("Bearer {user}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        let request = request.body(Full::new(body)).unwrap();
        within(path, exchange(self.address, request)).await
    }
}

async fn exchange(address: std::net::SocketAddr, request: Request<Full<Bytes>>) -> Answer {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}
