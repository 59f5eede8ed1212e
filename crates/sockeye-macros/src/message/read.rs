//! Read: the payload of each action is deserialized as a struct of its own, which serde derives.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Fields, Meta, Path};

use crate::message::parse::{Action, Item};
use crate::message::shadow;

pub(crate) fn expand(item: &Item<'_>) -> TokenStream {
    let sockeye = item.crate_path();
    let private = quote!(#sockeye::__private);
    let ident = &item.input.ident;
    let find = find(item);
    let arms = if item.is_enum() {
        item.on_wire()
            .map(|(index, action)| of_variant(item, index, action, &private))
            .collect()
    } else {
        item.on_wire()
            .map(|(_, action)| of_struct(item, action, &private))
            .collect::<TokenStream>()
    };
    let validate = item.first_rule().map(|rule| validate(item, rule));
    quote! {
        #[automatically_derived]
        impl #sockeye::ReadMessage for #ident {
            fn find(action: &str) -> ::core::option::Option<usize> {
                #find
            }

            fn read_payload<'de, D>(action: usize, payload: D) -> ::core::result::Result<Self, D::Error>
            where
                D: #private::serde::Deserializer<'de>,
            {
                match action {
                    #arms
                    _ => ::core::result::Result::Err(#private::no_action()),
                }
            }

            #validate
        }

        #[automatically_derived]
        impl #sockeye::Incoming for #ident {
            const TYPED: bool = true;

            fn decode(
                payload: #sockeye::Payload<'_>,
            ) -> ::core::result::Result<Self, #sockeye::DecodeError> {
                #private::decode(payload, #sockeye::Form::DEFAULT, &mut ::core::default::Default::default())
            }

            fn read(
                payload: #sockeye::Payload<'_>,
                form: #sockeye::Form<'_>,
                envelope: &mut #sockeye::Envelope,
            ) -> ::core::result::Result<Self, #sockeye::DecodeError> {
                #private::decode(payload, form, envelope)
            }
        }
    }
}

fn validate(item: &Item<'_>, rule: &Attribute) -> TokenStream {
    let sockeye = item.crate_path();
    let here = rule.span().resolved_at(Span::call_site());
    let is_newtype = |action: &&Action<'_>| matches!(action.fields, Fields::Unnamed(fields) if fields.unnamed.len() == 1);
    let newtypes = item.actions.iter().filter(is_newtype);
    let newtypes: Vec<_> = newtypes.map(|action| action.ident).collect();
    let is_newtype = match newtypes.len() {
        0 => quote!(false),
        _ if item.is_enum() => quote!(::core::matches!(self, #(Self::#newtypes(..))|*)),
        _ => quote!(true),
    };
    let check = quote_spanned! {here=>
        #sockeye::__private::with_garde! { #sockeye::__private::validate(self, #is_newtype, faults); }
    };
    quote! {
        fn validate(&self, faults: &mut #sockeye::Faults) {
            #check
        }
    }
}

fn find(item: &Item<'_>) -> TokenStream {
    let arms = item.on_wire().map(|(index, action)| {
        let (name, aliases) = (&action.name, &action.aliases);
        quote!(#name #(| #aliases)* => ::core::option::Option::Some(#index),)
    });
    quote!(match action { #(#arms)* _ => ::core::option::Option::None })
}

fn of_variant(
    item: &Item<'_>,
    index: usize,
    action: &Action<'_>,
    private: &TokenStream,
) -> TokenStream {
    let variant = action.ident;
    let nothing = quote!(#index => #private::read_nothing(payload).map(|()| Self::#variant),);
    let moves = match action.fields {
        Fields::Unit => return nothing,
        Fields::Named(fields) => {
            let names = fields.named.iter().map(|field| &field.ident);
            quote!(Self::#variant { #(#names: payload.#names),* })
        }
        Fields::Unnamed(fields) => {
            let places = (0..fields.unnamed.len()).map(syn::Index::from);
            quote!(Self::#variant(#(payload.#places),*))
        }
    };
    let shadow = shadow::name(variant);
    let attributes = attributes_of_variant(item, action);
    let crate_path = shadow::serde_path(item);
    let payload = payload(action, private);
    let (fields, end) = (shadow::fields(action.fields), shadow::end(action.fields));
    quote! {
        #index => {
            #[derive(#private::serde::Deserialize)]
            #[serde(crate = #crate_path #(, #attributes)*)]
            struct #shadow #fields #end

            <#shadow as #private::serde::Deserialize>::deserialize(#payload).map(|payload| #moves)
        }
    }
}

/// Named fields are an object on the wire, and no list.
fn payload(action: &Action<'_>, private: &TokenStream) -> TokenStream {
    match action.fields {
        Fields::Named(_) => quote!(#private::Object(payload)),
        Fields::Unnamed(_) | Fields::Unit => quote!(payload),
    }
}

/// What serde is told of a variant's payload: what the enum says of all of them, and the variant of its own.
pub(crate) fn attributes_of_variant(item: &Item<'_>, action: &Action<'_>) -> Vec<TokenStream> {
    let named = |metas: &[Meta], name: &str| {
        metas
            .iter()
            .find(|meta| meta.path().is_ident(name))
            .cloned()
    };
    let own_case = named(&action.serde, "rename_all").map(|meta| quote!(#meta));
    let case = own_case.or_else(|| case_of_fields(item));
    let strict = named(&item.serde, "deny_unknown_fields").map(|meta| quote!(#meta));
    let own_strict = named(&action.serde, "deny_unknown_fields").map(|meta| quote!(#meta));
    let expecting = shadow::expecting(action.fields, &action.serde);
    [case, strict.or(own_strict), expecting]
        .into_iter()
        .flatten()
        .collect()
}

/// The case of all fields, as `rename_all` of a struct.
fn case_of_fields(item: &Item<'_>) -> Option<TokenStream> {
    if let Some(case) = &item.settings.rename_all_fields {
        return Some(quote!(rename_all = #case));
    }
    let theirs = item
        .serde
        .iter()
        .find(|meta| meta.path().is_ident("rename_all_fields"))?;
    let mut meta = theirs.clone();
    let path: Path = syn::parse_quote!(rename_all);
    match &mut meta {
        Meta::NameValue(pair) => pair.path = path,
        Meta::List(list) => list.path = path,
        Meta::Path(_) => {}
    }
    Some(quote!(#meta))
}

fn of_struct(item: &Item<'_>, action: &Action<'_>, private: &TokenStream) -> TokenStream {
    if matches!(action.fields, Fields::Unit) {
        return quote!(0 => #private::read_nothing(payload).map(|()| Self),);
    }
    let shadow = shadow::name(action.ident);
    let definition = shadow::of_struct(item, action);
    let payload = payload(action, private);
    quote! {
        0 => {
            #[derive(#private::serde::Deserialize)]
            #definition

            #shadow::deserialize(#payload)
        }
    }
}
