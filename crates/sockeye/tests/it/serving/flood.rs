//! Flood: requests without end from a client that reads no answer.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::harness::{Running, within};
use crate::serving::get;

/// Writes `batch` over and over until the server takes no more of it, or hangs up; gives how many bytes it took.
///
/// Meanwhile others are served: when none of their many turns took another batch, the server has stopped reading.
pub(crate) async fn flood(
    server: &Running,
    mut writer: impl AsyncWrite + Unpin,
    batch: &[u8],
) -> usize {
    let taken = AtomicUsize::new(0);
    let writing = async {
        while writer.write_all(batch).await.is_ok() {
            taken.fetch_add(batch.len(), Ordering::Relaxed);
        }
    };
    within("the server to take no more", async {
        tokio::select! {
            () = writing => {}
            () = stands_still(server, &taken) => {}
        }
    })
    .await;
    taken.into_inner()
}

async fn stands_still(server: &Running, taken: &AtomicUsize) {
    let mut before = usize::MAX;
    while taken.load(Ordering::Relaxed) != before {
        before = taken.load(Ordering::Relaxed);
        for _ in 0..50 {
            assert_eq!(get(&mut server.raw().await, "/").await.1, b"a page");
        }
    }
}
