//! Visit: one client's HTTP, up to the upgrades that come of it.

use std::convert::Infallible;
use std::future::{Future, poll_fn, ready};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::ConnectInfo;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Sleep;

use crate::server::accept::Front;
use crate::server::arrival::Desk;
use crate::server::preface::{Preface, Prefaced};
use crate::server::upgrade::Answer;
use crate::server::visitors::{Leave, Leaving};

/// What our own accept loop knows of a connection, left in the extensions of each of its requests.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) local: Option<SocketAddr>,
    pub(crate) secure: bool,
    /// Where the one socket of an HTTP/1.1 connection is left; over HTTP/2 each has a task of its own.
    pub(crate) desk: Option<Arc<Desk>>,
}

/// A client and where it comes from.
pub(crate) struct Visit {
    pub(crate) front: Arc<Front>,
    pub(crate) peer: SocketAddr,
    pub(crate) local: Option<SocketAddr>,
    pub(crate) desk: Arc<Desk>,
}

impl Visit {
    /// Serves until the client leaves, breaks a rule, has to leave, or has got its upgrade over HTTP/1.1.
    pub(crate) async fn serve(
        self,
        mut stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        mut leaving: Leaving,
    ) {
        let peer = self.peer;
        // hyper's own deadline starts with the first byte that it sees, and for HTTP/2 there is none; until the client
        // has asked for something this one counts.
        let mut deadline = pin!(tokio::time::sleep(self.front.options.header_timeout));
        let preface = tokio::select! {
            biased;
            preface = Preface::read(&mut stream) => preface,
            _ = leaving.told() => return,
            () = &mut deadline => return tracing::debug!(%peer, "no request in time"),
        };
        let preface = match preface {
            Ok(Some(preface)) => preface,
            Ok(None) => return,
            Err(error) => return log(peer, error),
        };
        let is_http2 = preface.is_http2();
        let stream = TokioIo::new(preface.before(stream));
        let desk = Arc::clone(&self.desk);
        let driver = Driver {
            peer,
            desk: &desk,
            leaving,
            deadline,
        };
        match is_http2 {
            // Apart, as it would make the task of every connection larger.
            true => Box::pin(self.http2(stream, driver)).await,
            false => self.http1(stream, driver).await,
        }
        if let Some(arrival) = desk.take() {
            arrival.settle(Some(desk)).await;
        }
    }

    async fn http1(
        self,
        stream: TokioIo<Prefaced<impl AsyncRead + AsyncWrite + Send + Unpin + 'static>>,
        driver: Driver<'_>,
    ) {
        let front = Arc::clone(&self.front);
        let guest = self.guest(true);
        let connection = front.http.http1.serve_connection(stream, guest);
        let connection = pin!(connection.with_upgrades());
        driver
            .drive(connection, |connection| connection.graceful_shutdown())
            .await;
    }

    async fn http2(
        self,
        stream: TokioIo<Prefaced<impl AsyncRead + AsyncWrite + Send + Unpin + 'static>>,
        driver: Driver<'_>,
    ) {
        let front = Arc::clone(&self.front);
        let guest = self.guest(false);
        let connection = pin!(front.http.http2.serve_connection(stream, guest));
        driver
            .drive(connection, |connection| connection.graceful_shutdown())
            .await;
    }

    fn guest(self, has_one_socket: bool) -> Guest {
        let accepted = Accepted {
            local: self.local,
            secure: self.front.is_secure(),
            desk: has_one_socket.then(|| Arc::clone(&self.desk)),
        };
        Guest {
            front: self.front,
            peer: self.peer,
            accepted,
            desk: self.desk,
        }
    }
}

/// Drives one HTTP connection to its end.
struct Driver<'a> {
    peer: SocketAddr,
    desk: &'a Arc<Desk>,
    leaving: Leaving,
    deadline: Pin<&'a mut Sleep>,
}

impl Driver<'_> {
    async fn drive<C>(self, mut connection: Pin<&mut C>, finish: impl Fn(Pin<&mut C>))
    where
        C: Future<Output = hyper::Result<()>>,
    {
        let Self {
            peer,
            desk,
            mut leaving,
            mut deadline,
        } = self;
        let mut asked = false;
        loop {
            tokio::select! {
                biased;
                outcome = poll_fn(|cx| poll(connection.as_mut(), desk, cx)) => {
                    return outcome.unwrap_or_else(|error| log(peer, error));
                }
                leave = leaving.told() => match leave {
                    Leave::Finished => finish(connection.as_mut()),
                    Leave::AtOnce => return,
                },
                () = &mut deadline, if !asked => {
                    asked = desk.was_asked();
                    if !asked {
                        return tracing::debug!(%peer, "no request in time");
                    }
                }
            }
        }
    }
}

fn poll<C: Future>(
    connection: Pin<&mut C>,
    desk: &Arc<Desk>,
    cx: &mut Context<'_>,
) -> Poll<C::Output> {
    let polled = connection.poll(cx);
    // An answer that does not leave at once waits for a client that reads nothing. The socket must not wait with it: on
    // its own it has a timeout.
    if polled.is_pending()
        && let Some(arrival) = desk.take()
    {
        tokio::spawn(arrival.settle(Some(Arc::clone(desk))));
    }
    polled
}

fn log(peer: SocketAddr, error: impl std::error::Error) {
    tracing::debug!(%peer, %error, "an HTTP connection ended early");
}

/// The app as one client sees it: each request is introduced by what is known of its connection.
struct Guest {
    front: Arc<Front>,
    peer: SocketAddr,
    accepted: Accepted,
    desk: Arc<Desk>,
}

impl Service<http::Request<Incoming>> for Guest {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, mut request: http::Request<Incoming>) -> Answer {
        self.desk.ask();
        // hyper counts the lines of HTTP/1.1 and only the bytes of HTTP/2.
        if request.headers().len() > self.front.options.headers {
            let answer = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
            return Box::pin(ready(Ok(answer)));
        }
        let extensions = request.extensions_mut();
        extensions.insert(ConnectInfo(self.peer));
        extensions.insert(self.accepted.clone());
        self.front.app.answer(request)
    }
}
