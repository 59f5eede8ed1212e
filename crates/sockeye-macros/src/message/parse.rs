//! Item: a message type as the macro sees it, with its actions.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, Field, Fields, Ident, Lit, LitStr, Meta};
use syn::{Error, Path, Result, parse_quote};

use crate::message::case::Case;
use crate::message::settings::{TypeSettings, serde_metas, variant_action};

/// A type with `#[derive(Message)]`.
pub(crate) struct Item<'a> {
    pub(crate) input: &'a DeriveInput,
    pub(crate) settings: TypeSettings,
    /// Inside of `#[serde(..)]` on the type.
    pub(crate) serde: Vec<Meta>,
    /// One for each variant, or one for the struct.
    pub(crate) actions: Vec<Action<'a>>,
}

/// A variant, or a struct: what it is called on the wire, and its fields.
pub(crate) struct Action<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) fields: &'a Fields,
    /// Its name, and the token that says so.
    pub(crate) name: LitStr,
    /// Further names that are accepted.
    pub(crate) aliases: Vec<LitStr>,
    /// `#[serde(skip)]`: never on the wire.
    pub(crate) skipped: bool,
    /// Inside of `#[serde(..)]` on the variant.
    pub(crate) serde: Vec<Meta>,
}

impl<'a> Item<'a> {
    pub(crate) fn parse(input: &'a DeriveInput) -> Result<Self> {
        let settings = TypeSettings::parse(&input.attrs)?;
        let serde = serde_metas(&input.attrs)?;
        let actions = match &input.data {
            Data::Struct(data) => vec![Action::of_struct(input, &data.fields, &settings, &serde)?],
            Data::Enum(data) => {
                let case = case_of_actions(&settings, &serde)?;
                let variants = data.variants.iter();
                variants
                    .map(|variant| Action::of_variant(variant, case))
                    .collect::<Result<_>>()?
            }
            Data::Union(data) => {
                return Err(Error::new(
                    data.union_token.span,
                    "a union cannot be a message; write an enum with a variant for each action",
                ));
            }
        };
        Ok(Self {
            input,
            settings,
            serde,
            actions,
        })
    }

    pub(crate) fn is_enum(&self) -> bool {
        matches!(self.input.data, Data::Enum(_))
    }

    /// What travels, each with its index among the actions.
    pub(crate) fn on_wire(&self) -> impl Iterator<Item = (usize, &Action<'a>)> {
        self.actions.iter().filter(|one| !one.skipped).enumerate()
    }

    /// Where `sockeye` is.
    pub(crate) fn crate_path(&self) -> Path {
        let named = self.settings.crate_path.clone();
        named.unwrap_or_else(|| parse_quote!(::sockeye))
    }

    /// The first rule of garde on the type or a field in it.
    pub(crate) fn first_rule(&self) -> Option<&'a Attribute> {
        let of_variants = self.actions.iter().flat_map(|action| action.attributes);
        let of_fields = self.actions.iter().flat_map(|action| action.fields);
        let of_fields = of_fields.flat_map(|field: &'a Field| &field.attrs);
        let mut all = self.input.attrs.iter().chain(of_variants).chain(of_fields);
        all.find(|attribute| attribute.path().is_ident("garde"))
    }
}

impl<'a> Action<'a> {
    fn of_struct(
        input: &'a DeriveInput,
        fields: &'a Fields,
        settings: &TypeSettings,
        serde: &[Meta],
    ) -> Result<Self> {
        let said = settings.action.clone();
        let (name, aliases) = names(&input.ident, said, serde, Case::Snake)?;
        Ok(Self {
            ident: &input.ident,
            attributes: &input.attrs,
            fields,
            name,
            aliases,
            skipped: false,
            serde: Vec::new(),
        })
    }

    fn of_variant(variant: &'a syn::Variant, case: Case) -> Result<Self> {
        let serde = serde_metas(&variant.attrs)?;
        let said = variant_action(&variant.attrs)?;
        let (name, aliases) = names(&variant.ident, said, &serde, case)?;
        Ok(Self {
            ident: &variant.ident,
            attributes: &variant.attrs,
            fields: &variant.fields,
            name,
            aliases,
            skipped: serde.iter().any(|meta| meta.path().is_ident("skip")),
            serde,
        })
    }

    pub(crate) fn has_payload(&self) -> bool {
        self.skipped || !matches!(self.fields, Fields::Unit)
    }
}

/// The text of `name = ".."`.
pub(crate) fn text(meta: &Meta) -> Result<LitStr> {
    if let Meta::NameValue(pair) = meta
        && let Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) = &pair.value
    {
        return Ok(text.clone());
    }
    let name = meta.path().to_token_stream();
    let text = format!("an action has one name in both directions; write `{name} = \"..\"`");
    Err(Error::new_spanned(meta, text))
}

fn case_of_actions(settings: &TypeSettings, serde: &[Meta]) -> Result<Case> {
    let ours = settings.rename_all.clone();
    let theirs = serde.iter().find(|meta| meta.path().is_ident("rename_all"));
    match (ours, theirs) {
        (Some(_), Some(meta)) => Err(Error::new_spanned(
            meta,
            "the actions have a case already, by `#[message(rename_all = \"..\")]`; keep one of them",
        )),
        (Some(name), None) => Case::parse(&name),
        (None, Some(meta)) => Case::parse(&text(meta)?),
        (None, None) => Ok(Case::Snake),
    }
}

fn names(
    ident: &Ident,
    said: Option<LitStr>,
    serde: &[Meta],
    case: Case,
) -> Result<(LitStr, Vec<LitStr>)> {
    let named = |name: &'static str| serde.iter().filter(move |meta| meta.path().is_ident(name));
    let renamed = named("rename").next();
    let name = match (said, renamed) {
        (Some(_), Some(meta)) => {
            return Err(Error::new_spanned(
                meta,
                "it has a name already, by `#[message(action = \"..\")]`; keep one of them",
            ));
        }
        (Some(name), None) => name,
        (None, Some(meta)) => text(meta)?,
        (None, None) => by_ident(ident, case),
    };
    let aliases = named("alias").map(text).collect::<Result<_>>()?;
    Ok((name, aliases))
}

fn by_ident(ident: &Ident, case: Case) -> LitStr {
    let text = ident.to_string();
    let text = text.strip_prefix("r#").unwrap_or(&text);
    let span: Span = ident.span();
    LitStr::new(&case.of_variant(text), span)
}
