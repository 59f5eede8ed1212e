//! Reading: from the bytes of a message to what its handler takes, or the answer that it cannot be taken.

use crate::connection::{Cause, Disconnect};
use crate::handler::failure::answer_unread;
use crate::handler::isolation::isolate;
use crate::handler::notice::{complete, ping, tell};
use crate::handler::{Context, Handler};
use crate::message::typed::Control;
use crate::message::{Envelope, Incoming, Payload};

/// Reads a message and notes what came around it; `None` when it was answered without its handler, else how the
/// connection must end for it.
pub(crate) fn read<H: Handler>(
    context: &Context<H>,
    payload: Payload<'_>,
    envelope: &mut Envelope,
) -> Result<Option<H::Incoming>, Disconnect> {
    let form = context.peer().form();
    let error = match isolate(|| H::Incoming::read(payload, form, envelope)) {
        Ok(Ok(message)) => return Ok(Some(message)),
        Ok(Err(error)) => error,
        Err(panicked) => {
            let panic = panicked.text();
            tracing::error!(connection = %context.id(), panic, "decoding panicked");
            return Err(Disconnect::because(Cause::HandlerPanicked));
        }
    };
    let answers_pings = H::Incoming::TYPED && context.peer().options().ping;
    let is_unknown = answers_pings && envelope.action.is_none();
    match is_unknown.then(|| ping(payload, form)).flatten() {
        Some(around) => {
            *envelope = around;
            tell(context, &Control("pong"), envelope.reference.as_deref());
        }
        None => answer_unread(context, error, envelope)?,
    }
    complete(context, envelope);
    Ok(None)
}
