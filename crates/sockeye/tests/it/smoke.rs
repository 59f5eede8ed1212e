//! The shortest way through everything: a room, two members, a message, an end.

use sockeye::{CloseCode, Context, Handler, Result, Router, endpoint};

use crate::harness::{Client, serve};

struct Room;

impl Handler for Room {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(("room", cx.param("room")?)).await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        cx.reply(format!("you said {text}"))?;
        cx.broadcast(text)
    }
}

#[tokio::test]
async fn members_of_a_room_hear_each_other_and_leave_nothing_behind() {
    let server = serve(Router::new().route("/rooms/{room}", endpoint(|| Room))).await;
    let mut ada = server.connect("/rooms/lobby").await;
    let mut bob = server.connect("/rooms/lobby").await;
    server.members("room", "lobby", 2).await;
    ada.send("hi").await;
    assert_eq!(ada.text().await, "you said hi");
    assert_eq!(ada.text().await, "hi");
    assert_eq!(bob.text().await, "hi");
    ada.close(CloseCode::NORMAL, "bye").await;
    assert_eq!(ada.closed().await, Some((1000, "bye".into())));
    drop::<Client>(bob);
    server.empty().await;
}
