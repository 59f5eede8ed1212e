//! Derive of Message: the item is parsed, checked for mistakes, and then expanded.

mod case;
mod check;
mod expand;
mod parse;
mod read;
mod schema;
mod settings;
mod shadow;
mod write;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::message::parse::Item;

/// The implementations for an item, or errors at the tokens that are to blame.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let checked = Item::parse(&input).and_then(|item| check::check(&item).map(|()| item));
    match checked {
        Ok(item) => expand::expand(&item),
        Err(error) => expand::refused(&input, &error),
    }
}
