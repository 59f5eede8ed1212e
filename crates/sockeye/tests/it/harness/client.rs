//! Client: an ordinary WebSocket client, of another make than ours.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use sockeye::CloseCode;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

pub(crate) use tokio_tungstenite::tungstenite::Message as Wire;

use crate::harness::within;

pub(crate) struct Client<S = TcpStream> {
    stream: WebSocketStream<S>,
    pub(crate) response: http::Response<Option<Vec<u8>>>,
}

impl Client {
    pub(crate) async fn connect(
        address: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, http::Response<Option<Vec<u8>>>> {
        let tcp = TcpStream::connect(address).await.unwrap();
        Self::open(tcp, &format!("ws://{address}{path}"), headers).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// A handshake over a stream that stands already.
    pub(crate) async fn open(
        stream: S,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, http::Response<Option<Vec<u8>>>> {
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            let name = http::HeaderName::try_from(*name).unwrap();
            request
                .headers_mut()
                .append(name, http::HeaderValue::try_from(*value).unwrap());
        }
        let opened = within(
            "a handshake",
            tokio_tungstenite::client_async(request, stream),
        )
        .await;
        match opened {
            Ok((stream, response)) => Ok(Self { stream, response }),
            Err(Error::Http(response)) => Err(*response),
            Err(error) => panic!("the handshake of {url} failed: {error}"),
        }
    }

    /// A client behind a handshake that was made in another way.
    pub(crate) async fn opened(stream: S, response: http::Response<()>) -> Self {
        let stream = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        Self {
            stream,
            response: response.map(|()| None),
        }
    }

    pub(crate) async fn send(&mut self, message: impl Into<Wire>) {
        self.stream.send(message.into()).await.unwrap();
    }

    /// The next frame of any kind but ping and pong; `None` at the end of the stream.
    pub(crate) async fn frame(&mut self) -> Option<Wire> {
        loop {
            match within("a frame", self.stream.next()).await {
                Some(Ok(Wire::Ping(_) | Wire::Pong(_))) => {}
                Some(Ok(frame)) => return Some(frame),
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// The next frame, which must be text.
    pub(crate) async fn text(&mut self) -> String {
        match self.frame().await {
            Some(Wire::Text(text)) => text.to_string(),
            other => panic!("expected text, found {other:?}"),
        }
    }

    /// The next frame, which must be JSON in a text frame.
    pub(crate) async fn json(&mut self) -> serde_json::Value {
        serde_json::from_str(&self.text().await).unwrap()
    }

    /// Sends a text to a server that echoes; false when the connection ends instead.
    pub(crate) async fn asks(&mut self, text: &str) -> bool {
        let sent = self.stream.send(text.into()).await;
        sent.is_ok() && self.frame().await == Some(text.into())
    }

    pub(crate) async fn close(&mut self, code: CloseCode, reason: &'static str) {
        let frame = CloseFrame {
            code: u16::from(code).into(),
            reason: reason.into(),
        };
        self.stream.close(Some(frame)).await.unwrap();
    }

    /// Reads to the end, skipping messages; gives the server's close frame, if one came.
    pub(crate) async fn closed(&mut self) -> Option<(u16, String)> {
        let mut close = None;
        while let Some(frame) = self.frame().await {
            if let Wire::Close(frame) = frame {
                close = frame.map(|frame| (frame.code.into(), frame.reason.to_string()));
            }
        }
        close
    }

    /// The stream itself, to drop, split or reset it.
    pub(crate) fn into_stream(self) -> S {
        self.stream.into_inner()
    }
}
