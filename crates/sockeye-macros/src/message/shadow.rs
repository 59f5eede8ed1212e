//! Shadow: a type with the fields of the user's, on which serde derives what the user's type does not have.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Fields, Ident, LitStr, Meta};

use crate::message::parse::{Action, Item};

/// A name that no type of the user's has.
pub(crate) fn name(ident: &Ident) -> Ident {
    format_ident!("__{}", ident)
}

/// The struct once more, as serde derives for types of others: it reads and writes the struct itself.
pub(crate) fn of_struct(item: &Item<'_>, action: &Action<'_>) -> TokenStream {
    let crate_path = serde_path(item);
    let remote = action.ident.to_string();
    let attributes = attributes_of_struct(item, action);
    let (shadow, fields, end) = (
        name(action.ident),
        fields(action.fields),
        end(action.fields),
    );
    quote! {
        #[serde(crate = #crate_path, remote = #remote #(, #attributes)*)]
        struct #shadow #fields #end
    }
}

/// What serde is told of a struct's payload.
pub(crate) fn attributes_of_struct(item: &Item<'_>, action: &Action<'_>) -> Vec<TokenStream> {
    let case = item.settings.rename_all_fields.as_ref();
    let case = case.map(|case| quote!(rename_all = #case));
    let expecting = expecting(action.fields, &item.serde);
    let names_action = |meta: &Meta| {
        ["rename", "alias"]
            .iter()
            .any(|name| meta.path().is_ident(name))
    };
    let kept = item.serde.iter().filter(|meta| !names_action(meta));
    let kept = kept.map(|meta| match meta {
        // A bare one would ask the shadow for its default.
        Meta::Path(path) if path.is_ident("default") => {
            let default = format!("<{} as ::core::default::Default>::default", action.ident);
            quote!(default = #default)
        }
        meta => quote!(#meta),
    });
    case.into_iter().chain(expecting).chain(kept).collect()
}

/// What a client is told that a payload should be; the names of Rust's types mean nothing to it.
pub(crate) fn expecting(fields: &Fields, serde: &[Meta]) -> Option<TokenStream> {
    if serde.iter().any(|meta| meta.path().is_ident("expecting")) {
        return None;
    }
    let text = match fields {
        Fields::Named(_) => "an object".to_owned(),
        Fields::Unnamed(fields) if fields.unnamed.len() != 1 => {
            format!("a list of {} values", fields.unnamed.len())
        }
        Fields::Unnamed(_) | Fields::Unit => return None,
    };
    Some(quote!(expecting = #text))
}

/// The path of the serde that sockeye was built with, as serde's derive wants it.
pub(crate) fn serde_path(item: &Item<'_>) -> LitStr {
    let sockeye = item.crate_path();
    let path = quote!(#sockeye::__private::serde)
        .to_string()
        .replace(' ', "");
    LitStr::new(&path, Span::call_site())
}

/// The fields, with what serde knows of them.
pub(crate) fn fields(fields: &Fields) -> Option<TokenStream> {
    let each = fields.iter().map(|field| {
        let (attributes, ident, kind) = (for_serde(&field.attrs), &field.ident, &field.ty);
        let colon = ident.as_ref().map(|_| quote!(:));
        quote!(#(#attributes)* #ident #colon #kind)
    });
    match fields {
        Fields::Named(_) => Some(quote!({ #(#each),* })),
        Fields::Unnamed(_) => Some(quote!((#(#each),*))),
        Fields::Unit => None,
    }
}

/// What the definition of a struct with these fields ends with.
pub(crate) fn end(fields: &Fields) -> Option<TokenStream> {
    (!matches!(fields, Fields::Named(_))).then(|| quote!(;))
}

pub(crate) fn for_serde(attributes: &[Attribute]) -> Vec<&Attribute> {
    let all = attributes.iter();
    all.filter(|one| one.path().is_ident("serde")).collect()
}
