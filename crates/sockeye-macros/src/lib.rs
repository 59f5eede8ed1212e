//! The macros of Sockeye. Use them through the crate `sockeye`, which documents them and holds what they expand to.

#![forbid(unsafe_code)]

mod message;

use proc_macro::TokenStream;

/// Makes an enum, or a struct with a single action, a typed message.
#[proc_macro_derive(Message, attributes(message, serde, schemars, garde))]
pub fn derive_message(item: TokenStream) -> TokenStream {
    message::derive(item.into()).into()
}
