//! Draining: sockets are asked to leave, each at its own moment, and every one is awaited.

use std::time::Duration;

use futures_util::future::{join_all, select_all};
use sockeye::{Cause, CloseCode, Drain, ServerOptions};

use crate::harness::{until, within};
use crate::serving::draining::House;
use crate::serving::http2::session::Session;

fn window(window: Duration) -> ServerOptions {
    let mut options = ServerOptions::default();
    options.drain_window = window;
    options
}

/// A drain in which not even one guest has to leave soon.
fn slowly() -> ServerOptions {
    let mut options = window(Duration::from_secs(3600));
    options.drain_pace = Duration::from_secs(3600);
    options
}

#[tokio::test]
async fn clients_are_told_to_come_back() {
    let house = House::open(window(Duration::from_millis(50))).await;
    let mut guests = house.guests(5).await;
    house.server.handle.drain();
    for guest in &mut guests {
        assert_eq!(guest.closed().await, Some((1012, String::new())));
    }
    let endings = house.ended().await;
    assert_eq!(endings.len(), 5);
    let code = Some(CloseCode::RESTART);
    assert!(
        endings
            .iter()
            .all(|(_, cause, told)| (*cause, *told) == (Cause::Drained, code))
    );
}

#[tokio::test]
async fn clients_of_a_server_that_leaves_for_good_are_told_so() {
    let mut options = window(Duration::ZERO);
    options.drain = Drain::Leave;
    let house = House::open(options).await;
    let mut guests = house.guests(2).await;
    house.server.handle.drain();
    for guest in &mut guests {
        assert_eq!(guest.closed().await, Some((1001, String::new())));
    }
    let code = Some(CloseCode::GOING_AWAY);
    assert!(
        house
            .ended()
            .await
            .iter()
            .all(|(_, cause, told)| (*cause, *told) == (Cause::Drained, code))
    );
}

#[tokio::test]
async fn the_others_are_served_until_their_own_moment_comes() {
    let house = House::open(window(Duration::from_secs(10))).await;
    let mut guests = house.guests(40).await;
    house.server.handle.drain();
    let (close, first, _) =
        select_all(guests.iter_mut().map(|guest| Box::pin(guest.closed()))).await;
    assert_eq!(close, Some((1012, String::new())));
    guests.remove(first);
    let mut served = 0;
    for guest in &mut guests {
        served += usize::from(guest.asks("still here?").await);
    }
    // A bunch of closes at once would leave none; a quarter of the window leaves three in four.
    assert!(served > 20, "{served} of 39");
    house.server.handle.stop();
    assert_eq!(house.ended().await.len(), 40);
}

#[tokio::test]
async fn a_server_with_few_guests_ends_long_before_its_window() {
    let house = House::open(window(Duration::from_secs(3600))).await;
    let mut guests = house.guests(2).await;
    house.server.handle.drain();
    for guest in &mut guests {
        assert_eq!(guest.closed().await, Some((1012, String::new())));
    }
    assert_eq!(house.ended().await.len(), 2);
}

#[tokio::test]
async fn the_order_of_the_closes_is_random() {
    let house = House::open(window(Duration::from_millis(500))).await;
    let mut guests = house.guests(64).await;
    house.server.handle.drain();
    join_all(guests.iter_mut().map(|guest| guest.closed())).await;
    let order = house.ended().await;
    // Connections take turns among the shards; inside of one, a sweep that closes many at once takes them in order.
    let shards = std::thread::available_parallelism().map_or(1, usize::from);
    let of_one_shard = |shard| {
        let numbers = order.iter().map(|(number, ..)| *number);
        numbers.filter(move |number| number % shards == shard)
    };
    assert!(
        (0..shards).all(|shard| !of_one_shard(shard).is_sorted()),
        "{order:?}"
    );
}

#[tokio::test]
async fn a_second_drain_brings_the_moments_forward_and_never_back() {
    let house = House::open(ServerOptions::default()).await;
    let mut guests = house.guests(10).await;
    let hub = house.server.hub.clone();
    let hour = Duration::from_secs(3600);
    for window in [hour, Duration::from_millis(20), hour] {
        let hub = hub.clone();
        tokio::spawn(async move { hub.drain(CloseCode::RESTART, window).await });
        tokio::task::yield_now().await;
    }
    for guest in &mut guests {
        assert_eq!(guest.closed().await, Some((1012, String::new())));
    }
    house.server.empty().await;
}

#[tokio::test]
async fn every_goodbye_is_awaited() {
    let house = House::open(window(Duration::ZERO)).await;
    let mut guests = house.guests(3).await;
    house.goodbyes.forget_permits(10_000);
    house.server.handle.drain();
    for guest in &mut guests {
        assert_eq!(guest.closed().await, Some((1012, String::new())));
    }
    // For the clients it is over; their handlers still have something to do.
    for said in 1..=3 {
        assert!(!house.server.ended.is_finished());
        house.goodbyes.add_permits(1);
        until("a goodbye", || house.endings.lock().len() == said).await;
    }
    assert_eq!(house.ended().await.len(), 3);
}

#[tokio::test]
async fn nobody_new_comes_in() {
    let house = House::open(slowly()).await;
    let mut guests = house.guests(1).await;
    house.server.handle.drain();
    house.refuses().await;
    assert!(guests[0].asks("are you there?").await);
    house.server.handle.stop();
    house.ended().await;
}

#[tokio::test]
async fn a_client_that_does_not_answer_delays_the_end_no_longer_than_its_timeout() {
    let house = House::open(window(Duration::ZERO)).await;
    let mut silent = house.server.raw().await;
    silent.upgrade("/guests").await;
    house.server.handle.drain();
    assert_eq!(
        silent.frame().await,
        Some((0x88, 1012_u16.to_be_bytes().to_vec()))
    );
    // It never sends its half of the closing handshake.
    assert_eq!(house.ended().await.len(), 1);
}

#[tokio::test]
async fn sockets_over_http2_are_drained_and_their_connection_ends() {
    let house = House::open(window(Duration::from_millis(50))).await;
    let session = Session::connect(house.server.address).await;
    let mut guests = [
        session.socket("/guests").await,
        session.socket("/guests").await,
    ];
    for guest in &mut guests {
        guest.send("hello").await;
        assert_eq!(guest.text().await, "hello");
    }
    house.server.handle.drain();
    for guest in &mut guests {
        assert_eq!(guest.closed().await, Some((1012, String::new())));
    }
    assert_eq!(house.ended().await.len(), 2);
    let gone = session.driver;
    within("the end of the connection", gone)
        .await
        .unwrap()
        .unwrap();
}
