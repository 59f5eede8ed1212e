//! The benchmark's server by hand on tokio-tungstenite.

use std::io;

use futures_util::{SinkExt, StreamExt};
use peers::Rooms;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

type Socket = WebSocketStream<TcpStream>;

fn carries(message: &Message) -> bool {
    message.is_text() || message.is_binary()
}

async fn serve(stream: TcpStream, rooms: Rooms<Message>) {
    let mut path = String::new();
    #[allow(clippy::result_large_err, reason = "the library asks for this type")]
    let look = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        request.uri().path().clone_into(&mut path);
        Ok(response)
    };
    let Ok(socket) = accept_hdr_async(stream, look).await else {
        return;
    };
    match peers::group(&path) {
        Some(name) => member(socket, rooms, name).await,
        None => echo(socket).await,
    }
}

async fn echo(mut socket: Socket) {
    while let Some(Ok(message)) = socket.next().await {
        if carries(&message) && socket.send(message).await.is_err() {
            return;
        }
    }
}

async fn member(socket: Socket, rooms: Rooms<Message>, name: &str) {
    let (room, mut heard) = rooms.join(name);
    let (mut sink, mut stream) = socket.split();
    let writing = tokio::spawn(async move {
        while let Some(message) = peers::next(&mut heard).await {
            if sink.send(message).await.is_err() {
                return;
            }
        }
    });
    while let Some(Ok(message)) = stream.next().await {
        if carries(&message) {
            let _ = room.send(message);
        }
    }
    writing.abort();
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = peers::listen().await?;
    let rooms = Rooms::default();
    loop {
        let stream = peers::accept(&listener).await?;
        tokio::spawn(serve(stream, rooms.clone()));
    }
}
