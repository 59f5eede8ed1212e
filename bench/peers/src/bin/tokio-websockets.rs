//! The benchmark's server by hand on tokio-websockets.

use std::io;

use futures_util::{SinkExt, StreamExt};
use peers::Rooms;
use tokio::net::TcpStream;
use tokio_websockets::{Message, ServerBuilder, WebSocketStream};

type Socket = WebSocketStream<TcpStream>;

fn carries(message: &Message) -> bool {
    message.is_text() || message.is_binary()
}

async fn serve(stream: TcpStream, rooms: Rooms<Message>) {
    let Ok((request, socket)) = ServerBuilder::new().accept(stream).await else {
        return;
    };
    match peers::group(request.uri().path()) {
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
