//! Settings: what `#[message(..)]` and `#[serde(..)]` say of a type or a variant.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Meta, Path, Result, Token};

/// `#[message(..)]` on a type. `action` is for structs.
#[derive(Default)]
pub(crate) struct TypeSettings {
    pub(crate) crate_path: Option<Path>,
    pub(crate) action: Option<LitStr>,
    pub(crate) action_key: Option<LitStr>,
    pub(crate) payload_key: Option<LitStr>,
    pub(crate) rename_all: Option<LitStr>,
    pub(crate) rename_all_fields: Option<LitStr>,
    pub(crate) marked: Option<Span>,
    pub(crate) incoming: Option<Span>,
    pub(crate) outgoing: Option<Span>,
    pub(crate) schema: Option<Span>,
}

impl TypeSettings {
    pub(crate) fn parse(attributes: &[Attribute]) -> Result<Self> {
        let mut settings = Self::default();
        each(attributes, |meta| settings.take(meta))?;
        Ok(settings)
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let Some(name) = meta.path.get_ident() else {
            return Err(unknown(meta));
        };
        match name.to_string().as_str() {
            "crate" => {
                let path: LitStr = meta.value()?.parse()?;
                once(&mut self.crate_path, path.parse()?, meta)
            }
            "action" => text(&mut self.action, meta),
            "action_key" => text(&mut self.action_key, meta),
            "payload_key" => text(&mut self.payload_key, meta),
            "rename_all" => text(&mut self.rename_all, meta),
            "rename_all_fields" => text(&mut self.rename_all_fields, meta),
            "marked" => once(&mut self.marked, name.span(), meta),
            "incoming" => once(&mut self.incoming, name.span(), meta),
            "outgoing" => once(&mut self.outgoing, name.span(), meta),
            "schema" => once(&mut self.schema, name.span(), meta),
            _ => Err(unknown(meta)),
        }
    }
}

fn unknown(meta: &ParseNestedMeta<'_>) -> syn::Error {
    meta.error(
        "no such setting of a message type; there are `action` (on structs and variants), `action_key`, \
         `payload_key`, `rename_all`, `rename_all_fields`, `marked`, `incoming`, `outgoing`, `schema` and `crate`",
    )
}

/// The action in `#[message(action = "..")]` on a variant.
pub(crate) fn variant_action(attributes: &[Attribute]) -> Result<Option<LitStr>> {
    let mut action = None;
    each(attributes, |meta| {
        if meta.path.is_ident("action") {
            return text(&mut action, meta);
        }
        Err(meta.error(
            "a variant has one setting, `action = \"..\"`; the others are the type's: write them above the enum",
        ))
    })?;
    Ok(action)
}

/// Everything inside of `#[serde(..)]`, which serde itself will judge but for what concerns us.
pub(crate) fn serde_metas(attributes: &[Attribute]) -> Result<Vec<Meta>> {
    let mut metas = Vec::new();
    for attribute in attributes.iter().filter(|one| one.path().is_ident("serde")) {
        let list = Punctuated::<Meta, Token![,]>::parse_terminated;
        metas.extend(attribute.parse_args_with(list)?);
    }
    Ok(metas)
}

fn each(
    attributes: &[Attribute],
    mut take: impl FnMut(&ParseNestedMeta<'_>) -> Result<()>,
) -> Result<()> {
    let ours = attributes
        .iter()
        .filter(|one| one.path().is_ident("message"));
    for attribute in ours {
        attribute.parse_nested_meta(|meta| take(&meta))?;
    }
    Ok(())
}

fn text(slot: &mut Option<LitStr>, meta: &ParseNestedMeta<'_>) -> Result<()> {
    once(slot, meta.value()?.parse()?, meta)
}

fn once<T>(slot: &mut Option<T>, value: T, meta: &ParseNestedMeta<'_>) -> Result<()> {
    if slot.replace(value).is_some() {
        return Err(meta.error("written twice; keep one of them"));
    }
    Ok(())
}
