//! Client: a peer that does just what a test says, over plain TCP or something around it.

use std::pin::Pin;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::harness::{Raw, Running, within};

/// Any stream to a server.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send {}

impl<T: AsyncRead + AsyncWrite + Send> Stream for T {}

pub(super) type Wrapped = Pin<Box<dyn Future<Output = Pin<Box<dyn Stream>>> + Send>>;

/// Puts the client's half of the transport around TCP.
pub(super) type Wrap = fn(TcpStream) -> Wrapped;

/// TCP as it is.
pub(super) fn plain(tcp: TcpStream) -> Wrapped {
    Box::pin(async { Box::pin(tcp) as Pin<Box<dyn Stream>> })
}

pub(super) struct Client(Pin<Box<dyn Stream>>);

impl Client {
    /// A peer with little room for what it does not read; `resets` says how it leaves when it is dropped.
    pub(super) async fn connect(server: &Running, wrap: Wrap, resets: bool) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let tcp = within("a connection", socket.connect(server.address)).await;
        let tcp = tcp.unwrap();
        if resets {
            SockRef::from(&tcp)
                .set_linger(Some(std::time::Duration::ZERO))
                .unwrap();
        }
        Self(within("a transport", wrap(tcp)).await)
    }

    /// Asks for the upgrade, with a first message right behind if there is one, and does not wait for the answer.
    pub(super) async fn ask(&mut self, message: Option<&str>) {
        let mut bytes = format!("{}\r\n", Raw::head("/")).into_bytes();
        bytes.extend(
            message
                .into_iter()
                .flat_map(|text| Raw::masked(0x81, text.as_bytes())),
        );
        self.write(&bytes).await;
    }

    pub(super) async fn send(&mut self, text: &str) {
        self.write(&Raw::masked(0x81, text.as_bytes())).await;
    }

    pub(super) async fn close(&mut self, code: u16) {
        self.write(&Raw::masked(0x88, &code.to_be_bytes())).await;
    }

    /// Ends its stream without a word.
    pub(super) async fn shut_down(&mut self) {
        within("the end of the stream", self.0.shutdown())
            .await
            .unwrap();
    }

    /// Reads to the end, and `answers` the close frame or not; gives its code, if one comes.
    pub(super) async fn rest(mut self, answers: bool) -> Option<u16> {
        let mut bytes = Vec::new();
        let mut code = None;
        // A reset is an end too.
        while matches!(
            within("the end", self.0.read_buf(&mut bytes)).await,
            Ok(1..)
        ) {
            if code.is_some() {
                continue;
            }
            code = close_code(&bytes);
            if let Some(code) = code.filter(|_| answers) {
                // The server need not wait for the answer.
                let _ = self
                    .0
                    .write_all(&Raw::masked(0x88, &code.to_be_bytes()))
                    .await;
                let _ = self.0.flush().await;
            }
        }
        code
    }

    async fn write(&mut self, bytes: &[u8]) {
        within("a write", async {
            self.0.write_all(bytes).await?;
            self.0.flush().await
        })
        .await
        .unwrap();
    }
}

/// The code of the close frame that ends what a server said.
fn close_code(bytes: &[u8]) -> Option<u16> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let mut frames = &bytes[head..];
    while let [first, length, rest @ ..] = frames {
        let (length, rest) = match (length, rest) {
            (126, [high, low, rest @ ..]) => (usize::from(u16::from_be_bytes([*high, *low])), rest),
            (short, rest) => (usize::from(*short), rest),
        };
        if *first == 0x88 {
            return Some(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        }
        frames = rest.get(length..)?;
    }
    None
}
