//! Session: an HTTP/2 connection by the `h2` crate, and the sockets on it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::client::SendRequest;
use h2::ext::Protocol;
use h2::{Reason, RecvStream, SendStream};
use http::{Request, Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::harness::{Client, within};

/// An HTTP/2 connection.
pub(crate) struct Session {
    requests: SendRequest<Bytes>,
    scheme: &'static str,
    /// Drives the connection; aborting it drops the TCP connection.
    pub(crate) driver: JoinHandle<Result<(), h2::Error>>,
}

impl Session {
    /// Over cleartext TCP, by prior knowledge.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let tcp = TcpStream::connect(address).await.unwrap();
        Self::over(tcp, "http", h2::client::Builder::new()).await
    }

    pub(crate) async fn over(
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        scheme: &'static str,
        mut builder: h2::client::Builder,
    ) -> Self {
        let (requests, mut connection) =
            builder.enable_push(false).handshake(stream).await.unwrap();
        let mut ping = connection.ping_pong().unwrap();
        let driver = tokio::spawn(connection);
        // Behind the answer to a ping the server's settings are known.
        within("a pong", ping.ping(h2::Ping::opaque()))
            .await
            .unwrap();
        Self {
            requests,
            scheme,
            driver,
        }
    }

    /// Asks for a socket; gives the stream of an accepted one, or the status of the refusal.
    pub(crate) async fn open(
        &self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<(Stream, Response<()>), StatusCode> {
        let mut request = Request::connect(format!("{}://localhost{path}", self.scheme))
            .extension(Protocol::from_static("websocket"))
            .header("sec-websocket-version", "13");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap();
        let mut requests = within("room for a request", self.requests.clone().ready())
            .await
            .unwrap();
        let (answer, send) = requests.send_request(request, false).unwrap();
        let answer = within("an answer", answer).await.unwrap();
        let (head, receive) = answer.into_parts();
        if head.status != StatusCode::OK {
            return Err(head.status);
        }
        let stream = Stream {
            send,
            receive,
            rest: Bytes::new(),
        };
        Ok((stream, Response::from_parts(head, ())))
    }

    /// A client on an accepted socket.
    pub(crate) async fn socket(&self, path: &str) -> Client<Stream> {
        let (stream, response) = self.open(path, &[]).await.unwrap();
        Client::opened(stream, response).await
    }

    /// The status and the body of a plain GET.
    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Vec<u8>) {
        let request = Request::get(format!("{}://localhost{path}", self.scheme));
        let request = request.body(()).unwrap();
        let mut requests = self.requests.clone().ready().await.unwrap();
        let (answer, _) = requests.send_request(request, true).unwrap();
        let answer = within("an answer", answer).await.unwrap();
        let status = answer.status();
        let mut body = Vec::new();
        let mut receive = answer.into_body();
        while let Some(data) = within("the body", receive.data()).await {
            let data = data.unwrap();
            receive.flow_control().release_capacity(data.len()).unwrap();
            body.extend(data);
        }
        (status, body)
    }
}

/// A stream of HTTP/2 as a stream of bytes.
pub(crate) struct Stream {
    send: SendStream<Bytes>,
    receive: RecvStream,
    rest: Bytes,
}

impl Stream {
    /// What a TCP reset is elsewhere (RFC 8441 5).
    pub(crate) fn reset(mut self) {
        self.send.send_reset(Reason::CANCEL);
    }

    /// Ends our half, as a TCP FIN does.
    pub(crate) fn end(&mut self) {
        self.send.send_data(Bytes::new(), true).unwrap();
    }

    /// Why the server's half ended; `None` when it ended in order.
    pub(crate) async fn ended(&mut self) -> Option<Reason> {
        loop {
            match within("the end of a stream", self.receive.data()).await {
                Some(Ok(data)) => {
                    let _ = self.receive.flow_control().release_capacity(data.len());
                }
                Some(Err(error)) => return error.reason(),
                None => return None,
            }
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            match ready!(self.receive.poll_data(cx)) {
                Some(Ok(data)) => self.rest = data,
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                None => return Poll::Ready(Ok(())),
            }
        }
        let length = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest.split_to(length));
        // The window opens for what was read, and for nothing else.
        let _ = self.receive.flow_control().release_capacity(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.send.reserve_capacity(bytes.len());
        while self.send.capacity() == 0 {
            match ready!(self.send.poll_capacity(cx)) {
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                None => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            }
        }
        let length = self.send.capacity().min(bytes.len());
        let data = Bytes::copy_from_slice(&bytes[..length]);
        let sent = self.send.send_data(data, false).map_err(io::Error::other);
        Poll::Ready(sent.map(|()| length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(
            self.send
                .send_data(Bytes::new(), true)
                .map_err(io::Error::other),
        )
    }
}
