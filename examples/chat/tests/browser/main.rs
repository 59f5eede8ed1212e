//! The chat as people meet it: the real program, and real browsers that talk through it.

mod server;

use fixtures::browser::{Failure, Page, said, talk};
use tokio::sync::Mutex;

use crate::server::ChatServer;

/// Held by each test: two browsers at a time are enough for a small machine to keep the deadlines.
static BROWSERS: Mutex<()> = Mutex::const_new(());

#[tokio::test]
async fn two_people_talk_and_see_each_other_come_and_go() -> Result<(), Failure> {
    let _turn = BROWSERS.lock().await;
    let server = ChatServer::start("127.0.0.1:0").await?;
    let room = server.room("harbour");
    talk(&room, &room).await
}

#[tokio::test]
async fn both_pages_come_back_and_talk_after_the_server_was_killed() -> Result<(), Failure> {
    let _turn = BROWSERS.lock().await;
    let server = ChatServer::start("127.0.0.1:0").await?;
    let (room, address) = (server.room("lobby"), server.address().to_owned());
    let ada = Page::enter(&room, "Ada").await?;
    let bob = Page::enter(&room, "Bob").await?;
    let before = ada
        .until("Bob's arrival", |seen| seen.members == ["Ada", "Bob"])
        .await?;

    server.kill().await?;
    for page in [&ada, &bob] {
        page.until("word of the lost connection", |seen| {
            seen.state == "reconnecting"
        })
        .await?;
    }
    ada.say("said into the void").await?;
    ada.until("a draft that waits, and a reason", |seen| {
        seen.draft == "said into the void" && seen.send == "Offline" && seen.messages.is_empty()
    })
    .await?;

    let server = ChatServer::start(&address).await?;
    ada.until("Ada's return", |seen| {
        seen.is_connected() && seen.members == ["Ada", "Bob"]
    })
    .await?;
    bob.until("Bob's return", |seen| {
        seen.is_connected() && seen.members == ["Bob", "Ada"]
    })
    .await?;

    ada.press_send().await?;
    bob.until("the draft", |seen| {
        seen.messages == [said("Ada", "said into the void", false)]
    })
    .await?;
    bob.say("so we are back").await?;
    let both = [
        said("Ada", "said into the void", true),
        said("Bob", "so we are back", false),
    ];
    let after = ada
        .until("Bob's answer", |seen| {
            seen.messages == both && seen.draft.is_empty()
        })
        .await?;
    if after.notices != before.notices {
        return Err(Failure::new(format!(
            "the return of those who were here before is no news, yet the notices went from {:?} to {:?}",
            before.notices, after.notices
        )));
    }
    ada.leave().await;
    bob.leave().await;
    server.kill().await
}

#[tokio::test]
async fn a_phone_shows_the_whole_composer_and_never_scrolls_sideways() -> Result<(), Failure> {
    let _turn = BROWSERS.lock().await;
    let server = ChatServer::start("127.0.0.1:0").await?;
    let phone = Page::enter_on_a_phone(&server.room("lobby"), "Ada").await?;
    phone
        .say(&format!("https://example.org/{}", "salmon".repeat(60)))
        .await?;
    phone
        .until("the message", |seen| seen.messages.len() == 1)
        .await?;

    let layout = phone.layout().await?;
    let inside = [layout.composer, layout.send]
        .iter()
        .all(|shown| shown.is_inside(layout.width, layout.height));
    if layout.width != 390.0 || layout.content_width > layout.width || !inside {
        return Err(Failure::new(format!(
            "this does not fit a phone: {layout:?}"
        )));
    }
    phone.leave().await;
    Ok(())
}
