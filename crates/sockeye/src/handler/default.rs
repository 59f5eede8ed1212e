//! DefaultHandler: what an endpoint does when nobody said anything else.

use serde_json::{Value, json};

use crate::error::Result;
use crate::handler::{Context, Handler};

/// Answers every text with `{"message":"Received","data":<text>}`: the handler of routes for which a configuration
/// names none.
#[derive(Clone, Copy, Debug, Default)]
pub struct DefaultHandler;

impl DefaultHandler {
    /// Its answer to a text, for handlers that do something of their own and then answer like it.
    #[must_use]
    pub fn answer(text: &str) -> Value {
        json!({ "message": "Received", "data": text })
    }
}

impl Handler for DefaultHandler {
    type Incoming = String;
    type Outgoing = Value;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        cx.reply(Self::answer(&text))
    }
}
