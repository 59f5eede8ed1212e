//! What a connection leaves to be done is done, however badly its handler took the end.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use sockeye::{Context, Disconnect, Handler, Options, Result, Router, endpoint};

use crate::harness::serve;
use crate::lifecycle::Phase;
use crate::lifecycle::script::{Event, Script};

#[derive(Clone, Copy)]
enum Manner {
    /// `on_disconnect` panics when it is called, before it gives a future.
    PanicsAtOnce,
    /// It panics later.
    Panics,
    /// It does not come back.
    Hangs,
    /// Its first piece of put-off work panics.
    AfterPanics,
    /// Its first piece of put-off work does not come back.
    AfterHangs,
}

struct Mannered(Arc<Script>, Manner);

impl Handler for Mannered {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        match self.1 {
            Manner::AfterPanics => cx.after(async { panic!("the first piece") })?,
            Manner::AfterHangs => cx.after(pending())?,
            _ => {}
        }
        self.0.begin(cx).await?;
        cx.reply("ready")
    }

    fn on_disconnect(
        &mut self,
        _: &mut Context<Self>,
        disconnect: Disconnect,
    ) -> impl Future<Output = ()> + Send {
        self.0.note_end(&disconnect);
        let manner = self.1;
        assert!(!matches!(manner, Manner::PanicsAtOnce), "before its future");
        async move {
            match manner {
                Manner::Panics => panic!("in its future"),
                Manner::Hangs => pending().await,
                _ => {}
            }
        }
    }
}

/// What is noted after the end.
async fn aftermath(manner: Manner) -> Vec<Event> {
    let script = Script::new(Phase::Idle);
    let mut options = Options::default();
    options.disconnect_timeout = Duration::from_millis(50);
    let given = Arc::clone(&script);
    let made = move || Mannered(Arc::clone(&given), manner);
    let server = serve(Router::new().route("/", endpoint(made).options(options))).await;
    let mut client = server.connect("/").await;
    assert_eq!(client.text().await, "ready");
    drop(client);
    server.empty().await;
    script.events().split_off(2)
}

const ALL: [Event; 3] = [Event::TaskGone, Event::After(1), Event::After(2)];

#[tokio::test]
async fn put_off_work_is_done_after_an_on_disconnect_that_panics_or_hangs() {
    for manner in [Manner::PanicsAtOnce, Manner::Panics, Manner::Hangs] {
        assert_eq!(aftermath(manner).await, ALL);
    }
}

#[tokio::test]
async fn one_piece_of_put_off_work_that_panics_keeps_no_other_from_being_done() {
    assert_eq!(aftermath(Manner::AfterPanics).await, ALL);
}

#[tokio::test]
async fn put_off_work_that_hangs_is_given_up_after_the_disconnect_timeout() {
    assert_eq!(aftermath(Manner::AfterHangs).await, [Event::TaskGone]);
}
