//! `#[handler]` and `#[methods]`: the block is parsed, checked for mistakes, and then expanded.

mod answers;
mod check;
mod expand;
mod hooks;
mod messages;
mod parse;

use proc_macro2::TokenStream;

pub(crate) use parse::Kind;

use crate::handler::parse::Block;

/// What a block of methods becomes; mistakes are errors at the tokens that are to blame, beside all that is right.
pub(crate) fn expand(kind: Kind, arguments: TokenStream, item: &TokenStream) -> TokenStream {
    match Block::parse(kind, arguments, item.clone()) {
        Ok(block) => expand::expand(&check::check(block)),
        Err(error) => {
            let error = error.into_compile_error();
            quote::quote!(#item #error)
        }
    }
}

/// What `#[on]` becomes where no block has taken it.
pub(crate) fn stray(item: &TokenStream) -> TokenStream {
    let text = "`#[on]` marks a method inside of `#[handler] impl ..` or `#[methods] impl ..`: write one of them above \
                the `impl` block";
    let error = syn::Error::new(proc_macro2::Span::call_site(), text).into_compile_error();
    quote::quote!(#item #error)
}
