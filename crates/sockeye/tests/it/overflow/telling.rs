//! How a handler hears of what its client lost.

use std::sync::{Arc, Mutex};

use sockeye::{
    Context, Gap, GroupName, Handler, Hub, IntoEndpoint, Overflow, Result, WebSocket, endpoint,
};
use tokio::sync::Notify;

use crate::harness::{Raw, until, within};
use crate::overflow::{Heard, OUTBOX_BYTES, Publisher, both, hub_options, options, serve};

/// What a handler that takes its time to hear of gaps shares with its test.
#[derive(Clone, Default)]
struct Hearing {
    gaps: Arc<Mutex<Vec<u64>>>,
    go_on: Arc<Notify>,
}

impl Handler for Hearing {
    type Incoming = String;
    type Outgoing = String;

    fn groups(&self, _: &Context<Self>) -> Result<Vec<GroupName>> {
        Ok(vec![GroupName::new(["feed"])?])
    }

    async fn on_gap(&mut self, _: &mut Context<Self>, gap: Gap) -> Result<()> {
        assert_eq!(gap.group.as_str(), "feed");
        self.gaps.lock().unwrap().push(gap.messages.unwrap());
        self.go_on.notified().await;
        Ok(())
    }
}

#[tokio::test]
async fn what_is_lost_while_the_handler_is_busy_is_told_at_once() {
    let hub = Hub::with_options(hub_options(Overflow::DropOldest));
    let hearing = Hearing::default();
    let handed = hearing.clone();
    let handler = endpoint(move || handed.clone()).options(options(OUTBOX_BYTES));
    let server = serve(&hub, handler);
    let (mut slow, fast) = both(&server).await;
    let told = || hearing.gaps.lock().unwrap().clone();
    let mut publisher = Publisher::new(&hub, ["-"]);
    publisher.overflow(&hub, 100, &fast).await;
    let mut heard = Heard::default();
    while told().is_empty() {
        heard.read(&mut slow).await;
    }
    for more in 1..=3 {
        publisher.overflow(&hub, 100 + 100 * more, &fast).await;
        let newest = publisher.next - 1;
        while heard.messages.last().is_none_or(|last| last.1 < newest) {
            heard.read(&mut slow).await;
        }
    }
    assert_eq!(told().len(), 1);
    hearing.go_on.notify_one();
    until("the second gap", || told().len() == 2).await;
    assert_eq!(told().iter().sum::<u64>(), hub.stats().dropped);
    let missing = publisher.next - heard.messages.len() as u64;
    assert_eq!(hub.stats().dropped, missing);
}

/// Says what was lost when it is asked.
async fn asked(mut socket: WebSocket) -> Result<()> {
    socket.join("feed").await?;
    while socket.receive().await.is_some() {
        let gaps = socket.take_gaps();
        let lost: u64 = gaps.iter().map(|gap| gap.messages.unwrap()).sum();
        socket.send(format!("{} gaps, lost {lost}", gaps.len()));
    }
    Ok(())
}

#[tokio::test]
async fn a_function_hears_of_it_when_it_asks() {
    let hub = Hub::with_options(hub_options(Overflow::DropOldest));
    let server = serve(&hub, asked.options(options(OUTBOX_BYTES)));
    let (mut slow, fast) = both(&server).await;
    let mut publisher = Publisher::new(&hub, ["-"]);
    publisher.overflow(&hub, 100, &fast).await;
    let mut heard = Heard::default();
    while heard
        .messages
        .last()
        .is_none_or(|last| last.1 + 1 < publisher.next)
    {
        heard.read(&mut slow).await;
    }
    let mut answers = Vec::new();
    for _ in 0..2 {
        slow.write(&Raw::masked(0x81, b"what was lost?")).await;
        let answer = within("an answer", slow.frame()).await.unwrap();
        answers.push(String::from_utf8(answer.1).unwrap());
    }
    let dropped = hub.stats().dropped;
    assert_eq!(
        answers,
        [format!("1 gaps, lost {dropped}"), "0 gaps, lost 0".into()]
    );
}
