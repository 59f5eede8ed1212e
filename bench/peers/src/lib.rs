//! What the peers share: where to listen, where a connection wants to go, and rooms.

use std::collections::HashMap;
use std::env;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender, channel};

/// Messages that a room keeps for a member that lags; axum's own chat example keeps 100, the load generator has up to 64
/// under way.
const ROOM_MESSAGES: usize = 256;

/// Listens on 127.0.0.1 at the port that the first argument names.
pub async fn listen() -> io::Result<TcpListener> {
    let port = env::args().nth(1);
    let port = port.and_then(|word| word.parse().ok()).unwrap_or(9001);
    TcpListener::bind(("127.0.0.1", port)).await
}

/// The next connection, without Nagle's delay.
pub async fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The group that a path names; none for `/echo`.
pub fn group(path: &str) -> Option<&str> {
    path.strip_prefix("/group/")
}

/// One broadcast channel for each room: the usual chat.
#[derive(Debug)]
pub struct Rooms<T>(Arc<Mutex<HashMap<String, Sender<T>>>>);

impl<T> Clone for Rooms<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone> Default for Rooms<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone> Rooms<T> {
    /// Where a member of `room` publishes, and where it hears what others do.
    pub fn join(&self, room: &str) -> (Sender<T>, Receiver<T>) {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = rooms.entry(room.to_owned());
        let sender = room.or_insert_with(|| channel(ROOM_MESSAGES).0).clone();
        let receiver = sender.subscribe();
        (sender, receiver)
    }
}

/// The next message of a room; who lags goes on with the oldest that is left.
pub async fn next<T: Clone>(receiver: &mut Receiver<T>) -> Option<T> {
    loop {
        match receiver.recv().await {
            Ok(message) => return Some(message),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return None,
        }
    }
}
