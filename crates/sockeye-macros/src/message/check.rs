//! Check: everything that is refused, at the token that is to blame, with what to write instead.

use std::collections::HashMap;

use syn::{Error, LitStr, Meta, Result};

use crate::message::case::Case;
use crate::message::parse::{Action, Item};

/// Keys that the framework adds to messages.
const TAKEN: [&str; 3] = ["ref", "is_mine", "is_current"];

/// All mistakes at once.
pub(crate) fn check(item: &Item<'_>) -> Result<()> {
    let checks = [
        generics,
        shape,
        settings,
        keys,
        serde_on_type,
        serde_on_variants,
        actions,
    ];
    let errors = checks.into_iter().filter_map(|check| check(item).err());
    let all = errors.reduce(|mut all, error| {
        all.combine(error);
        all
    });
    all.map_or(Ok(()), Err)
}

fn generics(item: &Item<'_>) -> Result<()> {
    let generics = &item.input.generics;
    if generics.params.is_empty() {
        return Ok(());
    }
    Err(Error::new_spanned(
        generics,
        "a message owns what it carries and is one type on the wire: write it without parameters, with `String` in place \
         of `&str`, and an enum or a struct for each set of types",
    ))
}

fn shape(item: &Item<'_>) -> Result<()> {
    if item.on_wire().next().is_some() {
        return Ok(());
    }
    Err(Error::new(
        item.input.ident.span(),
        "no message could ever be of this type; give it a variant for each action, without `#[serde(skip)]`",
    ))
}

fn settings(item: &Item<'_>) -> Result<()> {
    let settings = &item.settings;
    if let (Some(_), Some(second)) = (settings.incoming, settings.outgoing) {
        let text =
            "both directions are what a message has anyway; leave out `incoming` and `outgoing`";
        return Err(Error::new(second, text));
    }
    if let (Some(marked), Some(_)) = (settings.marked, settings.incoming) {
        let text = "`marked` is about messages that are sent; leave it out, or `incoming`";
        return Err(Error::new(marked, text));
    }
    if let (Some(action), true) = (&settings.action, item.is_enum()) {
        let text = "an enum has an action for each variant; write `#[message(action = \"..\")]` above the variant";
        return Err(Error::new(action.span(), text));
    }
    if let (Some(case), false) = (&settings.rename_all, item.is_enum()) {
        let text = "a struct has one action, named by `action = \"..\"`; for its fields write `rename_all_fields`";
        return Err(Error::new(case.span(), text));
    }
    let Some(case) = &settings.rename_all_fields else {
        return Ok(());
    };
    let theirs = if item.is_enum() {
        "rename_all_fields"
    } else {
        "rename_all"
    };
    if let Some(meta) = item.serde.iter().find(|meta| meta.path().is_ident(theirs)) {
        let text = "the fields have a case already, by `#[message(rename_all_fields = \"..\")]`; keep one of them";
        return Err(Error::new_spanned(meta, text));
    }
    Case::parse(case).map(|_| ())
}

fn keys(item: &Item<'_>) -> Result<()> {
    let (action, payload) = (&item.settings.action_key, &item.settings.payload_key);
    for key in [action, payload].into_iter().flatten() {
        let text = key.value();
        if text.is_empty() || TAKEN.contains(&text.as_str()) {
            let text = format!(
                "`{text}` cannot be this key; the framework has `ref`, `is_mine` and `is_current` for itself"
            );
            return Err(Error::new(key.span(), text));
        }
    }
    let value = |key: &Option<LitStr>, usual: &str| match key {
        Some(key) => key.value(),
        None => usual.to_owned(),
    };
    if value(action, "action") == value(payload, "payload") {
        let key = payload.as_ref().or(action.as_ref());
        let span = key.map_or_else(|| item.input.ident.span(), LitStr::span);
        let text = "the action and the payload need keys of their own; name one of them otherwise";
        return Err(Error::new(span, text));
    }
    Ok(())
}

fn serde_on_type(item: &Item<'_>) -> Result<()> {
    item.serde.iter().try_for_each(|meta| {
        let name = meta.path().get_ident().map(ToString::to_string);
        let text = match name.as_deref() {
            Some("tag") => "the action is the tag of every message; for another key write `#[message(action_key = \"..\")]`",
            Some("content") => "the payload is the content of every message; for another key write \
                                `#[message(payload_key = \"..\")]`",
            Some("untagged") => "a message without an action could not be told from others; leave out `untagged`, or take \
                                 `Json<T>` as the handler's message",
            Some("crate") => "write `#[message(crate = \"..\")]`, with the path of `sockeye`",
            Some("remote") => "a message is a type of your own; write a variant that holds the other one",
            Some("bound") => "messages have no type parameters; leave out `bound`",
            Some("from" | "try_from" | "into") => "a message is read and written by its own fields; write `with` on a field, \
                                                   or convert in the handler",
            Some("transparent") => "the payload of a newtype is what it holds already; leave out `transparent`",
            Some("rename" | "default") if item.is_enum() => "write it on the variant or the field that it is about",
            _ => return Ok(()),
        };
        Err(Error::new_spanned(meta, text))
    })
}

fn serde_on_variants(item: &Item<'_>) -> Result<()> {
    let metas = item.actions.iter().flat_map(|action| &action.serde);
    metas.into_iter().try_for_each(refuse_on_variant)
}

fn refuse_on_variant(meta: &Meta) -> Result<()> {
    let name = meta.path().get_ident().map(ToString::to_string);
    let text = match name.as_deref() {
        Some("with" | "serialize_with" | "deserialize_with") => {
            "write it on the field: a variant with one unnamed field has \
                                                                  that field's form as its payload"
        }
        Some("other") => {
            "a message with an unknown action is answered by an error that names it; leave out `other`"
        }
        Some("skip_serializing" | "skip_deserializing") => {
            "write an enum for each direction, or `skip` for a variant that \
                                                            never travels"
        }
        Some("untagged") => "every message has an action; leave out `untagged`",
        Some("bound" | "borrow") => "a message owns what it carries; leave it out",
        _ => return Ok(()),
    };
    Err(Error::new_spanned(meta, text))
}

fn actions(item: &Item<'_>) -> Result<()> {
    let mut taken: HashMap<String, String> = HashMap::new();
    for (_, action) in item.on_wire() {
        for name in names_of(action) {
            let text = name.value();
            if text.is_empty() {
                return Err(Error::new(
                    name.span(),
                    "an action without a name; give it one",
                ));
            }
            let variant = action.ident.to_string();
            if let Some(first) = taken.insert(text.clone(), variant) {
                let text = format!(
                    "`{first}` has the action `{text}` already; give this one another by `#[message(action = \"..\")]`"
                );
                return Err(Error::new(name.span(), text));
            }
        }
    }
    Ok(())
}

fn names_of<'a>(action: &'a Action<'_>) -> impl Iterator<Item = &'a LitStr> {
    std::iter::once(&action.name).chain(&action.aliases)
}
