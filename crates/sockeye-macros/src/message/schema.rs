//! Schema: the payload of each action as a struct of its own, which schemars describes.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, Field, Fields, LitStr};

use crate::docs;
use crate::message::parse::{Action, Item};
use crate::message::{read, shadow};

pub(crate) fn expand(item: &Item<'_>, here: Span) -> TokenStream {
    let sockeye = item.crate_path();
    let schemars = quote!(#sockeye::__private::schemars);
    let ident = &item.input.ident;
    let called = ident.to_string();
    let actions = item.on_wire().map(|(_, action)| {
        let (name, description) = (&action.name, docs::text(action.attributes));
        let payload = payload(item, action, &schemars);
        quote! {
            #sockeye::ActionSchema { action: #name, description: #description, payload: #payload }
        }
    });
    let code = quote! {
        #[automatically_derived]
        impl #sockeye::MessageSchema for #ident {
            fn payloads(generator: &mut #schemars::SchemaGenerator) -> ::std::vec::Vec<#sockeye::ActionSchema> {
                let _ = &*generator;
                ::std::vec![#(#actions),*]
            }
        }

        #[automatically_derived]
        impl #schemars::JsonSchema for #ident {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(#called)
            }

            fn json_schema(generator: &mut #schemars::SchemaGenerator) -> #schemars::Schema {
                #sockeye::__private::schema_of::<Self>(generator)
            }
        }
    };
    let here = here.resolved_at(Span::call_site());
    quote_spanned!(here=> #sockeye::__private::with_schema! { #code })
}

fn payload(item: &Item<'_>, action: &Action<'_>, schemars: &TokenStream) -> TokenStream {
    if matches!(action.fields, Fields::Unit) {
        return quote!(::core::option::Option::None);
    }
    let crate_path = LitStr::new(&schemars.to_string().replace(' ', ""), Span::call_site());
    let shadow = shadow::name(action.ident);
    let attributes = match item.is_enum() {
        true => read::attributes_of_variant(item, action),
        false => shadow::attributes_of_struct(item, action),
    };
    let (fields, end) = (fields(action.fields), shadow::end(action.fields));
    quote! {
        ::core::option::Option::Some({
            #[derive(#schemars::JsonSchema)]
            #[schemars(crate = #crate_path)]
            #[serde(#(#attributes),*)]
            #[allow(dead_code, reason = "only described")]
            struct #shadow #fields #end

            <#shadow as #schemars::JsonSchema>::json_schema(generator)
        })
    }
}

/// The fields, with everything that schemars reads.
fn fields(fields: &Fields) -> TokenStream {
    let each = fields.iter().map(
        |Field {
             attrs, ident, ty, ..
         }| {
            let read = ["serde", "schemars", "garde", "doc"];
            let is_read = |one: &&Attribute| read.iter().any(|name| one.path().is_ident(name));
            let attributes = attrs.iter().filter(is_read);
            let colon = ident.as_ref().map(|_| quote!(:));
            quote!(#(#attributes)* #ident #colon #ty)
        },
    );
    match fields {
        Fields::Named(_) => quote!({ #(#each),* }),
        Fields::Unnamed(_) | Fields::Unit => quote!((#(#each),*)),
    }
}
