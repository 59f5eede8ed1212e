//! Actions of several message types as those of one, while the program is compiled.

use crate::message::Message;

/// How many there are in all parts.
#[must_use]
pub const fn count(parts: &[&[&str]]) -> usize {
    let (mut count, mut part) = (0, 0);
    while part < parts.len() {
        count += parts[part].len();
        part += 1;
    }
    count
}

/// All parts, one after the other; `N` is their [`count`].
#[must_use]
pub const fn join<const N: usize>(parts: &[&[&'static str]]) -> [&'static str; N] {
    let mut all = [""; N];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut index = 0;
        while index < parts[part].len() {
            all[at] = parts[part][index];
            at += 1;
            index += 1;
        }
        part += 1;
    }
    all
}

/// Refuses to compile actions that one of the others has too.
///
/// # Panics
/// While the program is compiled.
#[track_caller]
#[expect(clippy::panic, reason = "it is the text of a compiler error")]
pub const fn unique(actions: &[&str], others: &[&[&str]]) {
    let mut part = 0;
    while part < others.len() {
        if let Some(action) = shared(actions, others[part]) {
            let mut text = [0; 256];
            panic!("{}", complaint(action, &mut text));
        }
        part += 1;
    }
}

/// The first action that both have.
const fn shared<'a>(actions: &[&'a str], others: &[&str]) -> Option<&'a str> {
    let mut pair = 0;
    while pair < actions.len() * others.len() {
        let action = actions[pair / others.len()];
        if is(action, others[pair % others.len()]) {
            return Some(action);
        }
        pair += 1;
    }
    None
}

/// Refuses to compile two types of which one names its keys, or their case, otherwise.
///
/// # Panics
/// While the program is compiled.
#[track_caller]
#[expect(clippy::panic, reason = "it is the text of a compiler error")]
pub const fn alike<A: Message, B: Message>() {
    let keys = is_same(A::ACTION_KEY, B::ACTION_KEY) && is_same(A::PAYLOAD_KEY, B::PAYLOAD_KEY);
    if !keys || A::OWN_CASE != B::OWN_CASE {
        panic!(
            "a handler reads all of its messages by the same keys: write `action_key`, `payload_key` and \
             `rename_all_fields` in `#[message(..)]` on all of them, or say it once in `Options::wire`"
        );
    }
}

const fn is_same(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => is(one, other),
        (None, None) => true,
        _ => false,
    }
}

const fn is(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

const fn complaint<'a>(action: &str, text: &'a mut [u8]) -> &'a str {
    let parts = [
        "two methods take the action `",
        action,
        "`: name it differently with `#[message(action = \"..\")]` on one of their messages, or take it in one method",
    ];
    let (mut length, mut part) = (0, 0);
    while part < parts.len() {
        let bytes = parts[part].as_bytes();
        let mut at = 0;
        while at < bytes.len() && length < text.len() {
            text[length] = bytes[at];
            length += 1;
            at += 1;
        }
        part += 1;
    }
    match str::from_utf8(text.split_at(length).0) {
        Ok(text) => text,
        Err(_) => "two methods take the same action",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: &[&[&str]] = &[&["say"], &[], &["join", "leave"]];

    #[test]
    fn parts_are_joined_in_order() {
        assert_eq!(join::<{ count(PARTS) }>(PARTS), ["say", "join", "leave"]);
        unique(&["stay"], PARTS);
    }

    #[test]
    #[should_panic = "two methods take the action `leave`: name it differently"]
    fn what_is_there_already_is_refused_by_name() {
        unique(&["stay", "leave"], PARTS);
    }
}
