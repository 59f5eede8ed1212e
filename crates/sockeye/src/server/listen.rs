//! Listening: the socket that newcomers queue at.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket, ToSocketAddrs, lookup_host};

/// Newcomers that may wait to be accepted: all that come back at once after a restart. The kernel has a bound of its own
/// (`net.core.somaxconn`, usually as large). The 128 that listeners get without asking are full in milliseconds, and who
/// does not fit tries again after a second, or is dropped without a word.
const BACKLOG: u32 = 4096;

/// Listens at the first of the addresses where that is possible.
pub(crate) async fn listen(address: impl ToSocketAddrs) -> io::Result<TcpListener> {
    let mut failure = None;
    for address in lookup_host(address).await? {
        match listen_at(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => failure = Some(error),
        }
    }
    let nowhere = || io::Error::new(io::ErrorKind::InvalidInput, "the name has no address");
    Err(failure.unwrap_or_else(nowhere))
}

fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A server that restarts finds connections of its former self at the address. Windows means something else by it.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
