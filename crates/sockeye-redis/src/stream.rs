//! Stream: the bytes to and from a Redis, over TCP, TLS or a Unix socket.

use sockeye::Result;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::Tls;
use crate::endpoint::{Endpoint, Place};

/// A stream of any kind.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Opens a stream to a server.
pub(crate) async fn open(endpoint: &Endpoint, tls: &Tls) -> Result<Box<dyn Stream>> {
    match &endpoint.place {
        Place::Tcp { host, port } => {
            let tcp = TcpStream::connect((host.as_str(), *port)).await?;
            // A batch is one write, and its answer is waited for.
            tcp.set_nodelay(true)?;
            if endpoint.is_tls {
                return tls.secure(host, tcp).await;
            }
            Ok(Box::new(tcp))
        }
        Place::Unix(path) => open_unix(path).await,
    }
}

#[cfg(unix)]
async fn open_unix(path: &std::path::Path) -> Result<Box<dyn Stream>> {
    Ok(Box::new(tokio::net::UnixStream::connect(path).await?))
}

#[cfg(not(unix))]
async fn open_unix(path: &std::path::Path) -> Result<Box<dyn Stream>> {
    let path = path.display();
    Err(sockeye::Error::new(format!(
        "this system has no Unix sockets to open {path}"
    )))
}
