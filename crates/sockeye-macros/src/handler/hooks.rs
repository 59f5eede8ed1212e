//! Hooks: the methods of a block that are those of the trait, known by their names.

use syn::{Error, Ident, ImplItemFn, ReturnType};

/// All but `on_message`, which is made of the methods.
const HOOKS: [&str; 6] = [
    "on_handshake",
    "groups",
    "on_connect",
    "on_gap",
    "on_event",
    "on_disconnect",
];

/// Whether a method of this name is a hook.
///
/// # Errors
/// A name that is nearly one, and `on_message`.
pub(crate) fn is_hook(name: &Ident) -> Result<bool, Error> {
    let text = name.to_string();
    if HOOKS.contains(&text.as_str()) {
        return Ok(true);
    }
    if text == "on_message" {
        let text = "`#[handler]` writes `on_message` itself: mark each method that takes a message with `#[on]`";
        return Err(Error::new_spanned(name, text));
    }
    let near = HOOKS
        .iter()
        .filter(|hook| text.starts_with("on") && distance(hook, &text) <= 2)
        .min_by_key(|hook| distance(hook, &text));
    match near {
        None => Ok(false),
        Some(hook) => {
            let text = format!(
                "there is no hook `{text}`: did you mean `{hook}`? A method of your own needs a name that is further from it"
            );
            Err(Error::new_spanned(name, text))
        }
    }
}

/// What is wrong with a hook at a glance; the rest the compiler tells by the trait.
///
/// # Errors
/// One that cannot be awaited, or is also marked with `#[on]`.
pub(crate) fn check(hook: &ImplItemFn) -> Result<(), Error> {
    let signature = &hook.sig;
    let name = &signature.ident;
    let is_future = matches!(&signature.output, ReturnType::Type(_, ty) if matches!(**ty, syn::Type::ImplTrait(_)));
    if name != "groups" && signature.asyncness.is_none() && !is_future {
        let text = format!("the hook `{name}` is awaited: write `async fn {name}`");
        return Err(Error::new_spanned(signature.fn_token, text));
    }
    if let (true, Some(asyncness)) = (name == "groups", &signature.asyncness) {
        let text = "the hook `groups` is not awaited: write `fn groups`, and join in `on_connect` what has to be awaited";
        return Err(Error::new_spanned(asyncness, text));
    }
    Ok(())
}

/// How many letters have to be put in, taken out or changed to make one of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, letter) in one.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], above + 1);
        for (left, other) in other.bytes().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[left + 1];
            row[left + 1] = changed.min(diagonal + 1).min(row[left] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_letters() {
        for (one, other, far) in [
            ("on_connect", "on_connect", 0),
            ("on_connect", "on_conect", 1),
            ("on_connect", "on_conenct", 2),
            ("on_gap", "on_map", 1),
            ("on_gap", "", 6),
        ] {
            assert_eq!(distance(one, other), far, "{one} {other}");
        }
    }
}
