//! Messages: the two enums of a block, of what it takes and of what it sends.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Type};

/// One variant: a message type, under a name.
pub(crate) struct Variant {
    pub(crate) name: Ident,
    pub(crate) ty: TokenStream,
    pub(crate) span: Span,
}

/// Names for message types: what they are called themselves, numbered where two are called alike.
#[derive(Default)]
pub(crate) struct Variants(pub(crate) Vec<Variant>);

impl Variants {
    /// Adds a type under the last name of its path; gives that.
    pub(crate) fn add(&mut self, called: &Type, ty: TokenStream) -> Ident {
        let span = called.span();
        let base = match called {
            Type::Path(path) => path.path.segments.last().map(|last| last.ident.clone()),
            _ => None,
        };
        let base = base.unwrap_or_else(|| Ident::new("Message", span));
        let mut name = base.clone();
        for number in 2_usize.. {
            if !self.0.iter().any(|known| known.name == name) {
                break;
            }
            name = format_ident!("{base}{number}");
        }
        self.0.push(Variant {
            name: name.clone(),
            ty,
            span,
        });
        name
    }

    /// The enum itself.
    pub(crate) fn declare(&self, name: &Ident, about: &str) -> TokenStream {
        let variants = self
            .0
            .iter()
            .map(|Variant { name, ty, .. }| quote!(#name(#ty)));
        quote! {
            #[doc = #about]
            #[allow(
                missing_docs,
                missing_debug_implementations,
                non_camel_case_types,
                private_interfaces,
                unreachable_pub,
                clippy::large_enum_variant,
                reason = "made by a macro"
            )]
            pub enum #name { #(#variants),* }
        }
    }

    /// The trait that every typed message has.
    fn message(&self, name: &Ident) -> TokenStream {
        let actions = self.0.iter().map(
            |Variant { ty, span, .. }| quote_spanned!(*span=> <#ty as ::sockeye::Message>::ACTIONS),
        );
        let action = self.each(|at| quote_spanned!(at=> ::sockeye::Message::action(message)));
        // Those of one are those of all: what is read is checked for that, and what is written is each in its own.
        let keys = self.0.first().map(|Variant { ty, span, .. }| {
            quote_spanned! {*span=>
                const ACTION_KEY: ::core::option::Option<&'static str> = <#ty as ::sockeye::Message>::ACTION_KEY;
                const PAYLOAD_KEY: ::core::option::Option<&'static str> = <#ty as ::sockeye::Message>::PAYLOAD_KEY;
                const OWN_CASE: bool = <#ty as ::sockeye::Message>::OWN_CASE;
            }
        });
        quote! {
            impl ::sockeye::Message for #name {
                const ACTIONS: &'static [&'static str] = {
                    const PARTS: &[&[&str]] = &[#(#actions),*];
                    const ALL: [&str; ::sockeye::__private::actions::count(PARTS)] =
                        ::sockeye::__private::actions::join(PARTS);
                    &ALL
                };

                #keys

                fn action(&self) -> &'static str {
                    #action
                }
            }
        }
    }

    /// The same done with whichever message it is, at its type, so that one that is no message is told there.
    fn each(&self, work: impl Fn(Span) -> TokenStream) -> TokenStream {
        let arms = self.0.iter().map(|Variant { name, span, .. }| {
            let work = work(*span);
            quote_spanned!(*span=> Self::#name(ref message) => #work,)
        });
        quote!(match *self { #(#arms)* })
    }

    /// What reads it, and the proof that no action is there twice.
    pub(crate) fn incoming(&self, name: &Ident) -> TokenStream {
        let message = self.message(name);
        let unique = self.unique();
        let finds = self.0.iter().map(|Variant { ty, span, .. }| {
            quote_spanned! {*span=>
                if let ::core::option::Option::Some(index) = <#ty as ::sockeye::ReadMessage>::find(action) {
                    return ::core::option::Option::Some(before + index);
                }
                let before = before + <#ty as ::sockeye::Message>::ACTIONS.len();
            }
        });
        let validate =
            self.each(|at| quote_spanned!(at=> ::sockeye::ReadMessage::validate(message, faults)));
        let reads = self.0.iter().map(|Variant { name, ty, span }| {
            quote_spanned! {*span=>
                let ::core::option::Option::Some(action) =
                    action.checked_sub(<#ty as ::sockeye::Message>::ACTIONS.len())
                else {
                    let read = <#ty as ::sockeye::ReadMessage>::read_payload(action, payload);
                    return ::core::result::Result::map(read, Self::#name);
                };
            }
        });
        quote! {
            #unique
            #message

            impl ::sockeye::ReadMessage for #name {
                fn find(action: &str) -> ::core::option::Option<usize> {
                    let before = 0;
                    #(#finds)*
                    let _ = (action, before);
                    ::core::option::Option::None
                }

                fn read_payload<'de, D: ::sockeye::__private::serde::Deserializer<'de>>(
                    action: usize,
                    payload: D,
                ) -> ::core::result::Result<Self, D::Error> {
                    #(#reads)*
                    let _ = (action, payload);
                    ::core::result::Result::Err(<D::Error as ::sockeye::__private::serde::de::Error>::custom(
                        "no such action",
                    ))
                }

                fn validate(&self, faults: &mut ::sockeye::Faults) {
                    let _ = &faults;
                    #validate
                }
            }

            impl ::sockeye::Incoming for #name {
                const TYPED: bool = true;

                fn decode(
                    payload: ::sockeye::Payload<'_>,
                ) -> ::core::result::Result<Self, ::sockeye::DecodeError> {
                    Self::read(payload, ::sockeye::Form::DEFAULT, &mut ::core::default::Default::default())
                }

                fn read(
                    payload: ::sockeye::Payload<'_>,
                    form: ::sockeye::Form<'_>,
                    envelope: &mut ::sockeye::Envelope,
                ) -> ::core::result::Result<Self, ::sockeye::DecodeError> {
                    ::sockeye::__private::decode(payload, form, envelope)
                }
            }
        }
    }

    fn unique(&self) -> TokenStream {
        let mut before = Vec::new();
        let mut checks = Vec::new();
        let first = self.0.first().map(|first| &first.ty);
        for Variant { ty, span, .. } in &self.0 {
            let actions = quote_spanned!(*span=> <#ty as ::sockeye::Message>::ACTIONS);
            if !before.is_empty() {
                checks.push(quote_spanned! {*span=>
                    const _: () = ::sockeye::__private::actions::unique(#actions, &[#(#before),*]);
                    const _: () = ::sockeye::__private::actions::alike::<#first, #ty>();
                });
            }
            before.push(actions);
        }
        quote!(#(#checks)*)
    }

    /// What writes it, each message in its own form.
    pub(crate) fn outgoing(&self, name: &Ident) -> TokenStream {
        let message = self.message(name);
        let from = self.0.iter().map(
            |Variant {
                 name: variant,
                 ty,
                 span,
             }| {
                quote_spanned! {*span=>
                    impl ::core::convert::From<#ty> for #name {
                        fn from(message: #ty) -> Self {
                            Self::#variant(message)
                        }
                    }
                }
            },
        );
        let encode = self.each(|at| quote_spanned!(at=> ::sockeye::Outgoing::encode(message, out)));
        let write =
            self.each(|at| quote_spanned!(at=> ::sockeye::Outgoing::write(message, form, out)));
        let is_marked =
            self.each(|at| quote_spanned!(at=> ::sockeye::Outgoing::is_marked(message)));
        quote! {
            #message
            #(#from)*

            impl ::sockeye::Outgoing for #name {
                const TYPED: bool = true;

                fn encode(
                    &self,
                    out: &mut ::std::vec::Vec<u8>,
                ) -> ::core::result::Result<::sockeye::MessageKind, ::sockeye::EncodeError> {
                    #encode
                }

                fn write(
                    &self,
                    form: ::sockeye::Form<'_>,
                    out: &mut ::std::vec::Vec<u8>,
                ) -> ::core::result::Result<::sockeye::MessageKind, ::sockeye::EncodeError> {
                    #write
                }

                fn is_marked(&self) -> bool {
                    #is_marked
                }
            }
        }
    }
}
