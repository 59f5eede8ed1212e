//! The benchmark's server by hand on fastwebsockets over hyper, as its echo examples do it.

use std::convert::Infallible;
use std::io;

use bytes::Bytes;
use fastwebsockets::upgrade::{UpgradeFut, upgrade};
use fastwebsockets::{FragmentCollector, FragmentCollectorRead, Frame, OpCode, Payload};
use fastwebsockets::{WebSocketError, WebSocketWrite};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use peers::Rooms;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::sync::broadcast::Receiver;

/// What a room carries: its frames borrow from their connection, so the bytes are copied out of them once.
#[derive(Clone)]
struct Message {
    opcode: OpCode,
    payload: Bytes,
}

async fn echo(upgraded: UpgradeFut) -> Result<(), WebSocketError> {
    let mut socket = FragmentCollector::new(upgraded.await?);
    loop {
        let frame = socket.read_frame().await?;
        match frame.opcode {
            OpCode::Text | OpCode::Binary => socket.write_frame(frame).await?,
            OpCode::Close => return Ok(()),
            _ => {}
        }
    }
}

async fn member(
    upgraded: UpgradeFut,
    rooms: Rooms<Message>,
    name: String,
) -> Result<(), WebSocketError> {
    let (room, heard) = rooms.join(&name);
    let (reader, writer) = upgraded.await?.split(tokio::io::split);
    let writing = tokio::spawn(write(writer, heard));
    let mut reader = FragmentCollectorRead::new(reader);
    // Pongs would go to the writing half; the load generator sends no pings.
    let mut answer = |_: Frame<'_>| async { Ok::<_, Infallible>(()) };
    while let Ok(frame) = reader.read_frame(&mut answer).await {
        match frame.opcode {
            OpCode::Text | OpCode::Binary => {
                let opcode = frame.opcode;
                let payload = Bytes::copy_from_slice(&frame.payload);
                let _ = room.send(Message { opcode, payload });
            }
            OpCode::Close => break,
            _ => {}
        }
    }
    writing.abort();
    Ok(())
}

async fn write<W: AsyncWrite + Unpin>(mut writer: WebSocketWrite<W>, mut heard: Receiver<Message>) {
    while let Some(message) = peers::next(&mut heard).await {
        let payload = Payload::Borrowed(&message.payload);
        let frame = Frame::new(true, message.opcode, None, payload);
        if writer.write_frame(frame).await.is_err() {
            return;
        }
    }
}

async fn route(
    mut request: Request<Incoming>,
    rooms: Rooms<Message>,
) -> Result<Response<Empty<Bytes>>, WebSocketError> {
    let group = peers::group(request.uri().path()).map(str::to_owned);
    let (response, upgraded) = upgrade(&mut request)?;
    tokio::spawn(async move {
        match group {
            Some(name) => member(upgraded, rooms, name).await,
            None => tokio::task::unconstrained(echo(upgraded)).await,
        }
    });
    Ok(response)
}

async fn serve(stream: TcpStream, rooms: Rooms<Message>) {
    let service = service_fn(move |request| route(request, rooms.clone()));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // An error here is a client that went away.
    let _ = connection.with_upgrades().await;
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
