//! Context takeover: only where both sides want it, each direction by itself.

use sockeye::DeflateConfig;

use crate::serving::deflate::client::Deflating;
use crate::serving::deflate::{RSV1, room, text};

/// Nothing in it repeats, so that only an earlier message can make it shorter.
fn noise() -> String {
    let mut seed = 7_u32;
    let letter = |_| {
        seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        char::from(b'!' + u8::try_from((seed >> 16) % 90).unwrap())
    };
    (0..2000).map(letter).collect()
}

/// Exchanges one text twice, and gives the lengths of the four frames: sent, sent, received, received.
async fn twice(client: &mut Deflating) -> [usize; 4] {
    let mut lengths = [0; 4];
    for round in 0..2 {
        lengths[round] = client.send(&noise()).await;
        let received = client.text().await;
        assert_eq!(received.text, noise());
        lengths[2 + round] = received.payload.len();
    }
    lengths
}

#[tokio::test]
async fn each_direction_takes_over_where_both_sides_allow_it() {
    let config = |server, client| {
        DeflateConfig::default()
            .server_context_takeover(server)
            .client_context_takeover(client)
    };
    for (server, client) in [(false, false), (true, false), (false, true), (true, true)] {
        let house = room(Some(config(server, client))).await;
        // What one side allows and the other does not is not taken over.
        for (wish, other) in [(config(true, true), true), (config(false, false), false)] {
            let mut socket = Deflating::connect(&house, Some(wish)).await;
            let agreed = socket.agreed.unwrap();
            assert_eq!(agreed.server_context_takeover(), server && other);
            assert_eq!(agreed.client_context_takeover(), client && other);
            let [first_up, up, first_down, down] = twice(&mut socket).await;
            assert_eq!(
                up < first_up / 10,
                client && other,
                "{first_up} then {up} bytes up"
            );
            assert_eq!(
                down < first_down / 10,
                server && other,
                "{first_down} then {down} bytes down"
            );
        }
    }
}

#[tokio::test]
async fn broadcasts_reach_connections_that_take_over_between_their_replies() {
    let own = DeflateConfig::default().server_context_takeover(true);
    let server = room(Some(own)).await;
    let mut taking = Deflating::connect(&server, Some(own)).await;
    let mut sharing = Deflating::connect(&server, Some(DeflateConfig::default())).await;
    server.members("room", "lobby", 2).await;
    for n in 0..5 {
        let (reply, shared) = (format!("{n} {}", text()), format!("{n} for all {}", text()));
        taking.send(&reply).await;
        taking.send(&format!("all: {shared}")).await;
        assert_eq!(taking.text().await.text, reply);
        assert_eq!(taking.text().await.text, shared);
        let received = sharing.text().await;
        assert_eq!((received.flags, received.text), (0x81 | RSV1, shared));
    }
}

#[tokio::test]
async fn smaller_windows_are_kept_to() {
    let narrow = DeflateConfig::default()
        .server_context_takeover(true)
        .client_context_takeover(true)
        .server_max_window_bits(9)
        .client_max_window_bits(9);
    let server = room(Some(narrow)).await;
    let mut client = Deflating::connect(&server, Some(narrow)).await;
    let agreed = client.agreed.unwrap();
    assert_eq!(
        (
            agreed.server_max_window_bits(),
            agreed.client_max_window_bits()
        ),
        (9, 9)
    );
    // 2,000 bytes back is out of reach of 512, in both directions.
    let [first_up, up, first_down, down] = twice(&mut client).await;
    assert!(
        up > first_up / 2 && down > first_down / 2,
        "{up} up, {down} down"
    );
}
