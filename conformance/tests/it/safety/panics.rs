//! Panics: one packet ends one connection.

use crate::frames::{CLOSE, TEXT, close, text};
use crate::harness::{Raw, Server};

const NEIGHBOURS: usize = 50;

async fn talk(neighbours: &mut [Raw], round: usize) {
    let text_of_round = format!("round {round}");
    for neighbour in neighbours.iter_mut() {
        neighbour.write(&text(&text_of_round)).await;
    }
    for neighbour in neighbours {
        assert_eq!(
            neighbour.frame().await,
            Some((TEXT, text_of_round.clone().into_bytes()))
        );
    }
}

#[tokio::test]
async fn a_panic_in_any_hook_ends_its_connection_and_touches_no_other() {
    let server = Server::start();
    let mut neighbours = Vec::new();
    for at in 0..NEIGHBOURS {
        neighbours.push(server.open(["/echo", "/function"][at % 2]).await);
    }
    for round in 0..20 {
        for hook in ["connect", "message", "error"] {
            let mut raw = server.open(&format!("/panic/{hook}")).await;
            raw.offer(&text("go on")).await;
            let (first, payload) = raw.frame().await.unwrap();
            assert_eq!(
                (first, &payload[..2]),
                (CLOSE, &1011_u16.to_be_bytes()[..]),
                "{hook}"
            );
            let reason = String::from_utf8_lossy(&payload[2..]);
            assert_eq!(
                reason, "internal error",
                "{hook}: nothing of the inside is told"
            );
        }
        let mut raw = server.open("/panic/disconnect").await;
        raw.write(&close(1000, "")).await;
        assert_eq!(raw.close_code().await, Some(1000));
        talk(&mut neighbours, round).await;
    }
    server.counts("connections", NEIGHBOURS).await;
    drop(neighbours);
    server.empty().await;
}
