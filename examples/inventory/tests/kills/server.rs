//! The server as a process of its own, and writing to it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Server {
    pub(crate) address: String,
    child: Child,
}

impl Server {
    pub(crate) fn start(url: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_inventory"));
        command.args(["--addr", "127.0.0.1:0", "--database", url]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("inventory: http://");
        let address = address.and_then(|address| address.strip_suffix('/'));
        let address = address
            .unwrap_or_else(|| panic!("it said {line:?}"))
            .to_owned();
        Self { address, child }
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Adds a product; gives the status of the answer.
pub(crate) async fn post(address: &str, name: &str, price: i32) -> std::io::Result<u16> {
    let body = json!({ "name": name, "price": price, "stock": 1 }).to_string();
    let length = body.len();
    let request = format!(
        "POST /api/products HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    status.ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
}
