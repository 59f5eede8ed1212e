//! Parse: the tokens of a block and of its attributes, as they stand.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, ItemImpl, Result, Token, Type, parenthesized};

/// Which of the two attributes it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Of a type that becomes a handler.
    Handler,
    /// Of a type whose methods handlers include.
    Methods,
}

/// An `impl` block with its attribute.
pub(crate) struct Block {
    pub(crate) kind: Kind,
    pub(crate) settings: Settings,
    pub(crate) item: ItemImpl,
    /// What is wrong with the arguments.
    pub(crate) error: Option<Error>,
}

/// The arguments of the attribute.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) user: Option<Type>,
    pub(crate) object: Option<Type>,
    /// Messages that are sent by other ways than an answer.
    pub(crate) sends: Vec<Type>,
    pub(crate) include: Vec<Included>,
}

/// A field whose type brings methods along.
pub(crate) struct Included {
    pub(crate) field: Ident,
    pub(crate) group: Type,
}

/// The arguments of `#[on]`.
#[derive(Default)]
pub(crate) struct On {
    pub(crate) permit: Option<Expr>,
}

impl Block {
    pub(crate) fn parse(kind: Kind, arguments: TokenStream, item: TokenStream) -> Result<Self> {
        let name = kind.name();
        let Ok(item) = syn::parse2::<ItemImpl>(item.clone()) else {
            return Err(not_a_block(name, item));
        };
        if let Some((path, _)) = &item.trait_ {
            let text = format!(
                "`#[{name}]` goes on a block without a trait: write `impl {}`, and it implements the trait itself",
                named(&item.self_ty)
            );
            return Err(Error::new_spanned(path, text));
        }
        let (settings, error) = match syn::parse2(arguments) {
            Ok(settings) => (settings, None),
            Err(error) => (Settings::default(), Some(error)),
        };
        Ok(Self {
            kind,
            settings,
            item,
            error,
        })
    }
}

/// What is wrong with an item that does not parse as a block: the item itself, or code in it.
fn not_a_block(name: &str, item: TokenStream) -> Error {
    match syn::parse2::<syn::Item>(item) {
        Ok(other) => {
            let text =
                format!("`#[{name}]` goes on an `impl` block: `#[{name}] impl Type {{ .. }}`");
            Error::new_spanned(other, text)
        }
        Err(error) => error,
    }
}

fn named(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map_or_else(String::new, |last| last.ident.to_string()),
        _ => "Type".to_owned(),
    }
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Handler => "handler",
            Self::Methods => "methods",
        }
    }
}

impl Parse for Settings {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut settings = Self::default();
        while !input.is_empty() {
            settings.parse_one(input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(settings)
    }
}

impl Settings {
    fn parse_one(&mut self, input: ParseStream<'_>) -> Result<()> {
        let name: Ident = input.parse()?;
        match name.to_string().as_str() {
            "user" => set(&mut self.user, &name, input),
            "object" => set(&mut self.object, &name, input),
            "sends" => {
                self.sends.extend(list::<Type>(input)?);
                Ok(())
            }
            "include" => {
                self.include.extend(list::<Included>(input)?);
                Ok(())
            }
            other => {
                let text = format!(
                    "unknown argument `{other}`: expected `user = Type`, `object = Type`, `sends(Message, ..)` or \
                     `include(field: Type, ..)`"
                );
                Err(Error::new_spanned(name, text))
            }
        }
    }
}

fn set(place: &mut Option<Type>, name: &Ident, input: ParseStream<'_>) -> Result<()> {
    input.parse::<Token![=]>()?;
    if place.replace(input.parse()?).is_some() {
        return Err(Error::new_spanned(name, format!("`{name}` is said twice")));
    }
    Ok(())
}

fn list<T: Parse>(input: ParseStream<'_>) -> Result<Punctuated<T, Token![,]>> {
    let inside;
    parenthesized!(inside in input);
    Punctuated::parse_terminated(&inside)
}

impl Parse for Included {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let field = input.parse()?;
        input.parse::<Token![:]>().map_err(|error| {
            Error::new(
                error.span(),
                "expected the field with its type: `include(typing: Typing)`",
            )
        })?;
        Ok(Self {
            field,
            group: input.parse()?,
        })
    }
}

impl Parse for On {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut on = Self::default();
        while !input.is_empty() {
            let name: Ident = input.parse()?;
            if name != "permit" || on.permit.is_some() {
                let text =
                    format!("unknown argument `{name}`: expected `permit = permission`, once");
                return Err(Error::new_spanned(name, text));
            }
            input.parse::<Token![=]>()?;
            on.permit = Some(input.parse()?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(on)
    }
}
