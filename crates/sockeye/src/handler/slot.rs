//! Slot: a trait handler beside its context, and the hooks that take turns with both.

use parking_lot::{ArcMutexGuard, RawMutex};

use crate::connection::Disconnect;
use crate::error::Result;
use crate::group::{Event, Gap};
use crate::handler::{Context, Handler};

/// What a hook is given and gives back.
pub(crate) struct Slot<H: Handler> {
    pub(crate) handler: H,
    pub(crate) context: Context<H>,
}

/// The slot, locked from the first moment to the last: a message locks and counts nothing.
pub(crate) type Held<H> = ArcMutexGuard<RawMutex, Slot<H>>;

/// What a hook is when it is through.
pub(crate) type Through<H> = (Held<H>, Result<()>);

/// Joins the groups that the handler names.
pub(crate) async fn join<H: Handler>(mut held: Held<H>) -> Through<H> {
    let joined = async {
        let Slot { handler, context } = &mut *held;
        for group in handler.groups(context)? {
            context.join(group).await?;
        }
        Ok(())
    };
    let outcome = joined.await;
    (held, outcome)
}

/// Runs `on_connect`.
pub(crate) async fn connect<H: Handler>(mut held: Held<H>) -> Through<H> {
    let Slot { handler, context } = &mut *held;
    let outcome = handler.on_connect(context).await;
    (held, outcome)
}

/// Runs `on_message`.
pub(crate) async fn handle<H: Handler>(mut held: Held<H>, message: H::Incoming) -> Through<H> {
    let Slot { handler, context } = &mut *held;
    let outcome = handler.on_message(context, message).await;
    (held, outcome)
}

/// Runs `on_gap`.
pub(crate) async fn tell<H: Handler>(mut held: Held<H>, gap: Gap) -> Through<H> {
    let Slot { handler, context } = &mut *held;
    let outcome = handler.on_gap(context, gap).await;
    (held, outcome)
}

/// Runs `on_event`.
pub(crate) async fn hear<H: Handler>(mut held: Held<H>, event: Event) -> Through<H> {
    let Slot { handler, context } = &mut *held;
    let outcome = handler.on_event(context, event).await;
    (held, outcome)
}

/// Leaves every group, then runs `on_disconnect` if it is owed.
pub(crate) async fn leave<H: Handler>(
    mut held: Held<H>,
    owed: Option<Box<Disconnect>>,
) -> Through<H> {
    let Slot { handler, context } = &mut *held;
    context.peer().leave_all();
    if let Some(disconnect) = owed {
        handler.on_disconnect(context, *disconnect).await;
    }
    (held, Ok(()))
}

/// Ends what belongs to the connection.
pub(crate) async fn finish<H: Handler>(held: Held<H>) -> Through<H> {
    held.context.peer().finish().await;
    (held, Ok(()))
}
