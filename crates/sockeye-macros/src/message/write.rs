//! Write: the payload is serialized as serde does an untagged enum, so that every attribute keeps its meaning.

use proc_macro2::TokenStream;
use quote::quote;

use crate::message::parse::Item;
use crate::message::shadow;

pub(crate) fn expand(item: &Item<'_>) -> TokenStream {
    let sockeye = item.crate_path();
    let private = quote!(#sockeye::__private);
    let ident = &item.input.ident;
    let has_payload = has_payload(item);
    let write_payload = write_payload(item, &private);
    let marked = item.settings.marked.map(|_| {
        quote! {
            fn is_marked(&self) -> bool {
                true
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl #sockeye::WriteMessage for #ident {
            fn has_payload(&self) -> bool {
                #has_payload
            }

            fn write_payload<S>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error>
            where
                S: #private::serde::Serializer,
            {
                #write_payload
            }
        }

        #[automatically_derived]
        impl #sockeye::Outgoing for #ident {
            const TYPED: bool = true;

            fn encode(
                &self,
                out: &mut ::std::vec::Vec<u8>,
            ) -> ::core::result::Result<#sockeye::MessageKind, #sockeye::EncodeError> {
                #private::encode(self, #sockeye::Form::DEFAULT, out)
            }

            fn write(
                &self,
                form: #sockeye::Form<'_>,
                out: &mut ::std::vec::Vec<u8>,
            ) -> ::core::result::Result<#sockeye::MessageKind, #sockeye::EncodeError> {
                #private::encode(self, form, out)
            }

            #marked
        }
    }
}

fn has_payload(item: &Item<'_>) -> TokenStream {
    let all = item.actions.len();
    let units = item.actions.iter().filter(|action| !action.has_payload());
    let units: Vec<_> = units.map(|action| action.ident).collect();
    match units.len() {
        0 => quote!(true),
        some if some == all => quote!(false),
        _ => quote!(!::core::matches!(self, #(Self::#units)|*)),
    }
}

fn write_payload(item: &Item<'_>, private: &TokenStream) -> TokenStream {
    if item.actions.iter().all(|action| !action.has_payload()) {
        return quote!(serializer.serialize_unit());
    }
    let shadow = shadow::name(&item.input.ident);
    if !item.is_enum() {
        let definition = item
            .actions
            .iter()
            .map(|action| shadow::of_struct(item, action));
        return quote! {
            #[derive(#private::serde::Serialize)]
            #(#definition)*

            #shadow::serialize(self, serializer)
        };
    }
    let crate_path = shadow::serde_path(item);
    let remote = item.input.ident.to_string();
    let case = item
        .settings
        .rename_all_fields
        .as_ref()
        .map(|case| quote!(rename_all_fields = #case));
    let kept = item.serde.iter().map(|meta| quote!(#meta));
    let attributes = case.into_iter().chain(kept);
    let variants = item.actions.iter().map(|action| {
        let (ident, attributes) = (action.ident, shadow::for_serde(action.attributes));
        let fields = shadow::fields(action.fields);
        quote!(#(#attributes)* #ident #fields)
    });
    quote! {
        #[derive(#private::serde::Serialize)]
        #[serde(crate = #crate_path, remote = #remote, untagged #(, #attributes)*)]
        enum #shadow { #(#variants),* }

        #shadow::serialize(self, serializer)
    }
}
