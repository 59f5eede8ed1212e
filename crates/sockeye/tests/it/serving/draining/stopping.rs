//! Stopping: nobody is waited for but the goodbyes of the handlers.

use std::time::Duration;

use axum::routing::get as page;
use sockeye::{Cause, ServerOptions};

use crate::harness::Client;
use crate::serving::draining::House;

async fn house() -> House {
    let mut options = ServerOptions::default();
    options.drain_window = Duration::from_secs(3600);
    options.drain_pace = options.drain_window;
    House::with(options, |routes| {
        let never = || async { std::future::pending::<String>().await };
        routes.http("/never", page(never))
    })
    .await
}

#[tokio::test]
async fn running_hooks_are_dropped_and_goodbyes_are_said() {
    let house = house().await;
    let mut guests = house.guests(3).await;
    guests[0].send("hang").await;
    assert_eq!(guests[0].text().await, "hang");
    house.server.handle.stop();
    for guest in &mut guests {
        assert_eq!(guest.closed().await, Some((1001, String::new())));
    }
    let endings = house.ended().await;
    assert_eq!(endings.len(), 3);
    assert!(endings.iter().all(|(_, cause, _)| *cause == Cause::Stopped));
}

#[tokio::test]
async fn a_stop_cuts_a_drain_short() {
    let house = house().await;
    let mut guests = house.guests(3).await;
    house.server.handle.drain();
    house.server.handle.drain();
    guests[0].send("hang").await;
    assert_eq!(guests[0].text().await, "hang");
    house.server.handle.stop();
    // A drain cannot undo it.
    house.server.handle.drain();
    assert_eq!(house.ended().await.len(), 3);
}

#[tokio::test]
async fn requests_in_flight_are_cut_off() {
    let house = house().await;
    let mut raw = house.server.raw().await;
    raw.write(b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    let _guests = house.guests(1).await;
    house.server.handle.stop();
    raw.ended().await;
    house.ended().await;
}

#[tokio::test]
async fn clients_that_read_nothing_do_not_delay_it() {
    let house = house().await;
    let mut stuck = house.server.raw().await;
    stuck.upgrade("/guests").await;
    let message = crate::harness::Raw::masked(0x81, &[b'x'; 100_000]);
    // Echoed until the buffers are full and the server takes no more.
    let (_reader, mut writer) = stuck.0.split();
    let filling = async {
        while tokio::io::AsyncWriteExt::write_all(&mut writer, &message)
            .await
            .is_ok()
        {}
    };
    let stopping = Box::pin(async {
        let _guests = house.guests(20).await;
        house.server.handle.stop();
        house.ended().await
    });
    let ((), endings) = tokio::join!(filling, stopping);
    assert_eq!(endings.len(), 21);
}

#[tokio::test]
async fn a_run_that_is_dropped_leaves_no_http_behind() {
    let house = house().await;
    let mut raw = house.server.raw().await;
    raw.write(b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    let mut guests: Vec<Client> = house.guests(1).await;
    house.server.ended.abort();
    raw.ended().await;
    house.refuses().await;
    // Sockets belong to their hub.
    assert!(guests[0].asks("still here?").await);
    house.server.hub.stop().await;
    assert_eq!(guests[0].closed().await, Some((1001, String::new())));
    assert_eq!(house.endings.lock().len(), 1);
}
