//! Turn: what fills memory and what weighs it do not run at the same time in this process.

use tokio::sync::{Mutex, MutexGuard};

static TURN: Mutex<()> = Mutex::const_new(());

/// Waits until nobody else has the turn; it is given up with the value.
pub(crate) async fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}
