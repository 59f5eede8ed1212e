//! Expand: a block becomes its two enums and the trait, as a user could have written them.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Ident, ReturnType, Type};

use crate::docs;
use crate::handler::answers::{Answers, add};
use crate::handler::check::{Method, Model};
use crate::handler::messages::Variants;
use crate::handler::parse::Kind;

/// Everything that stands in the place of the block.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let rest = &model.rest;
    let error = model.error.as_ref().map(syn::Error::to_compile_error);
    let Type::Path(path) = &*rest.self_ty else {
        return quote!(#rest #error);
    };
    let Some(last) = path.path.segments.last() else {
        return quote!(#rest #error);
    };
    let ident = &last.ident;
    let names = Names {
        incoming: format_ident!("{ident}Incoming"),
        outgoing: format_ident!("{ident}Outgoing"),
    };
    let (incoming, arms) = incoming(model, &names);
    let takes = incoming.declare(
        &names.incoming,
        &format!("What [`{ident}`] takes: the messages of its methods."),
    );
    let reads = incoming.incoming(&names.incoming);
    let outgoing = outgoing(model);
    let sends = outgoing.declare(
        &names.outgoing,
        &format!("What [`{ident}`] sends: answers of its methods, and more."),
    );
    let writes = outgoing.outgoing(&names.outgoing);
    let implementation = match model.kind {
        Kind::Handler => handler(model, &names, &arms),
        Kind::Methods => methods(model, &names, &arms),
    };
    let described = described(model);
    quote! {
        #rest
        #takes
        #sends
        #[allow(private_interfaces, reason = "the enums are as public as their handler may be")]
        const _: () = {
            #reads
            #writes
            #implementation
            #described
        };
        #error
    }
}

struct Names {
    incoming: Ident,
    outgoing: Ident,
}

/// The messages that are taken, and what becomes of each.
fn incoming(model: &Model, names: &Names) -> (Variants, Vec<TokenStream>) {
    let mut variants = Variants::default();
    let mut arms = Vec::new();
    let incoming = &names.incoming;
    let connection = connection(model.kind);
    for method in &model.methods {
        let message = &method.message;
        let variant = variants.add(message, quote!(#message));
        let call = call(model, method);
        arms.push(quote!(#incoming::#variant(message) => { #call }));
    }
    for included in &model.settings.include {
        let (field, group) = (&included.field, &included.group);
        let ty = quote_spanned!(here(group)=> <#group as ::sockeye::Methods>::Incoming);
        let variant = variants.add(group, ty);
        arms.push(quote! {
            #incoming::#variant(message) => {
                ::sockeye::Methods::dispatch(&mut self.#field, #connection, message).await
            }
        });
    }
    (variants, arms)
}

/// One method at work.
fn call(model: &Model, method: &Method) -> TokenStream {
    let ident = &method.ident;
    let held = connection(model.kind);
    // Each argument at its type, so that one that does not fit is told there.
    let connection = method.connection.as_ref().map(|ty| {
        let held = Ident::new(&held.to_string(), here(ty));
        quote!(#held,)
    });
    let wait = method.is_async.then(|| quote!(.await));
    let permit = method
        .on
        .permit
        .as_ref()
        .map(|permission| permit(model, permission));
    let span = match &method.output {
        ReturnType::Default => ident.span(),
        ReturnType::Type(_, ty) => here(ty),
    };
    let give = quote_spanned!(span=> ::sockeye::Answer::give(answer, #held));
    quote! {
        #permit
        let answer = Self::#ident(self, #connection message)#wait;
        #give
    }
}

fn permit(model: &Model, permission: &Expr) -> TokenStream {
    let held = connection(model.kind);
    let or = |ty: &Option<Type>, none: TokenStream| ty.as_ref().map_or(none, |ty| quote!(#ty));
    let user = or(&model.settings.user, quote!(::sockeye::NoUser));
    let object = or(&model.settings.object, quote!(::sockeye::NoObject));
    quote_spanned! {here(permission)=>
        let permission = #permission;
        #held.permit::<#user, #object, _>(&permission).await?;
    }
}

/// What the connection is called in the code that is made.
fn connection(kind: Kind) -> Ident {
    let name = match kind {
        Kind::Handler => "cx",
        Kind::Methods => "peer",
    };
    Ident::new(name, Span::call_site())
}

/// The messages that are sent: by answers, by included methods, and by what else the attribute names.
fn outgoing(model: &Model) -> Variants {
    let mut types = Vec::new();
    for method in &model.methods {
        let answers = Answers::of(&method.output);
        let sent = answers.replies.iter().chain(&answers.broadcasts);
        sent.for_each(|ty| add(&mut types, ty));
    }
    model
        .settings
        .sends
        .iter()
        .for_each(|ty| add(&mut types, ty));
    let mut variants = Variants::default();
    for ty in &types {
        variants.add(ty, quote!(#ty));
    }
    for included in &model.settings.include {
        let group = &included.group;
        let ty = quote_spanned!(here(group)=> <#group as ::sockeye::Methods>::Outgoing);
        variants.add(group, ty);
    }
    variants
}

fn handler(model: &Model, names: &Names, arms: &[TokenStream]) -> TokenStream {
    let Names { incoming, outgoing } = names;
    let hooks = &model.hooks;
    let ty = &model.rest.self_ty;
    let (generics, _, bounds) = model.rest.generics.split_for_impl();
    quote! {
        impl #generics ::sockeye::Handler for #ty #bounds {
            type Incoming = #incoming;
            type Outgoing = #outgoing;

            #(#hooks)*

            async fn on_message(
                &mut self,
                cx: &mut ::sockeye::Context<Self>,
                message: #incoming,
            ) -> ::sockeye::Result<()> {
                match message { #(#arms)* }
            }
        }
    }
}

fn methods(model: &Model, names: &Names, arms: &[TokenStream]) -> TokenStream {
    let Names { incoming, outgoing } = names;
    let ty = &model.rest.self_ty;
    let (generics, _, bounds) = model.rest.generics.split_for_impl();
    quote! {
        impl #generics ::sockeye::Methods for #ty #bounds {
            type Incoming = #incoming;
            type Outgoing = #outgoing;

            async fn dispatch(
                &mut self,
                peer: &::sockeye::Peer,
                message: #incoming,
            ) -> ::sockeye::Result<()> {
                match message { #(#arms)* }
            }
        }
    }
}

/// Which messages answer which, for documents.
fn described(model: &Model) -> TokenStream {
    let ty = &model.rest.self_ty;
    let (generics, _, bounds) = model.rest.generics.split_for_impl();
    let exchanges = model.methods.iter().map(|method| {
        let (name, description) = (method.ident.to_string(), docs::text(&method.attributes));
        let message = &method.message;
        let Answers {
            replies,
            broadcasts,
        } = Answers::of(&method.output);
        quote! {
            ::sockeye::Exchange {
                method: #name,
                description: #description,
                receives: <#message as ::sockeye::Message>::ACTIONS,
                replies: &[#(<#replies as ::sockeye::Message>::ACTIONS),*],
                broadcasts: &[#(<#broadcasts as ::sockeye::Message>::ACTIONS),*],
            }
        }
    });
    let groups = model
        .settings
        .include
        .iter()
        .map(|included| &included.group);
    quote! {
        impl #generics ::sockeye::Described for #ty #bounds {
            fn exchanges() -> ::std::vec::Vec<::sockeye::Exchange> {
                #[allow(unused_mut, reason = "made by a macro")]
                let mut exchanges = ::std::vec![#(#exchanges),*];
                #(exchanges.extend(<#groups as ::sockeye::Described>::exchanges());)*
                exchanges
            }
        }
    }
}

/// Where something stands, with the names that are known there.
fn here(tokens: &impl Spanned) -> Span {
    tokens.span().resolved_at(Span::call_site())
}
