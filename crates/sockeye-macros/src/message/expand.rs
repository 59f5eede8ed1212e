//! Expand: an item becomes the implementations that a user could have written.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Error, LitStr};

use crate::message::parse::{Action, Item};
use crate::message::{read, schema, write};

/// All implementations of a message type.
pub(crate) fn expand(item: &Item<'_>) -> TokenStream {
    let message = message(item);
    let reads = item.settings.outgoing.is_none().then(|| read::expand(item));
    let writes = item
        .settings
        .incoming
        .is_none()
        .then(|| write::expand(item));
    let schema = item.settings.schema.map(|span| schema::expand(item, span));
    quote! {
        const _: () = {
            #message
            #reads
            #writes
            #schema
        };
    }
}

/// An error, and implementations that keep the compiler from asking for more.
pub(crate) fn refused(input: &DeriveInput, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    if !input.generics.params.is_empty() {
        return error;
    }
    let ident = &input.ident;
    quote! {
        #error
        const _: () = {
            impl ::sockeye::Incoming for #ident {
                fn decode(_: ::sockeye::Payload<'_>) -> ::core::result::Result<Self, ::sockeye::DecodeError> {
                    ::core::unreachable!()
                }
            }

            impl ::sockeye::Outgoing for #ident {
                fn encode(
                    &self,
                    _: &mut ::std::vec::Vec<u8>,
                ) -> ::core::result::Result<::sockeye::MessageKind, ::sockeye::EncodeError> {
                    ::core::unreachable!()
                }
            }
        };
    }
}

fn message(item: &Item<'_>) -> TokenStream {
    let sockeye = item.crate_path();
    let ident = &item.input.ident;
    let names = item.on_wire().map(|(_, action)| &action.name);
    let own_key = |name: TokenStream, key: &Option<LitStr>| {
        let key = key.as_ref()?;
        Some(quote! {
            const #name: ::core::option::Option<&'static str> = ::core::option::Option::Some(#key);
        })
    };
    let action_key = own_key(quote!(ACTION_KEY), &item.settings.action_key);
    let payload_key = own_key(quote!(PAYLOAD_KEY), &item.settings.payload_key);
    let own_case = item.settings.rename_all_fields.as_ref().map(|_| {
        quote!(
            const OWN_CASE: bool = true;
        )
    });
    let action = action(item);
    quote! {
        #[automatically_derived]
        impl #sockeye::Message for #ident {
            const ACTIONS: &'static [&'static str] = &[#(#names),*];
            #action_key
            #payload_key
            #own_case

            fn action(&self) -> &'static str {
                #action
            }
        }
    }
}

fn action(item: &Item<'_>) -> TokenStream {
    let pair = |action: &Action<'_>| {
        let (ident, name) = (action.ident, &action.name);
        quote!(Self::#ident { .. } => #name,)
    };
    if item.is_enum() {
        let pairs = item.actions.iter().map(pair);
        return quote!(match self { #(#pairs)* });
    }
    let name = item.actions.iter().map(|action| &action.name);
    quote!(#(#name)*)
}
