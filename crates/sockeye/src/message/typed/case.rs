//! Case: the keys inside a payload, between `snake_case` here and `camelCase` on the wire.
//!
//! A key is changed that begins with a small letter: `user_name` is `userName`. An underscore before anything but a
//! letter from a to z stays, so that `line_1` comes back as it went.

use std::borrow::Cow;
use std::ops::Range;

/// The JSON text with its keys, from the second level on, as fields are written in Rust.
pub(crate) fn to_snake(json: &str) -> Cow<'_, str> {
    let is_camel = |key: &str| key.bytes().any(|byte| byte.is_ascii_uppercase());
    rewrite(json, is_camel, |key, snake| {
        for letter in key.chars() {
            if letter.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(letter.to_ascii_lowercase());
        }
    })
}

/// The JSON text with its keys, from the second level on, as they are written in JavaScript.
pub(crate) fn to_camel(json: &str) -> Cow<'_, str> {
    let is_snake = |key: &str| key.contains('_');
    rewrite(json, is_snake, |key, camel| {
        let mut letters = key.chars().peekable();
        while let Some(letter) = letters.next() {
            let next = letters.next_if(|next| letter == '_' && next.is_ascii_lowercase());
            camel.push(next.map_or(letter, |next| next.to_ascii_uppercase()));
        }
    })
}

fn rewrite(
    json: &str,
    applies: impl Fn(&str) -> bool,
    write: impl Fn(&str, &mut String),
) -> Cow<'_, str> {
    let mut rewritten = String::new();
    let mut copied = 0;
    for place in Keys::new(json.as_bytes()) {
        let Some(key) = json.get(place.clone()).filter(|key| applies(key)) else {
            continue;
        };
        rewritten.push_str(json.get(copied..place.start).unwrap_or_default());
        write(key, &mut rewritten);
        copied = place.end;
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    rewritten.push_str(json.get(copied..).unwrap_or_default());
    Cow::Owned(rewritten)
}

/// The places of the keys in a JSON text that may be changed. Any text has some, or none; it is the parser that judges.
struct Keys<'a> {
    json: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Keys<'a> {
    fn new(json: &'a [u8]) -> Self {
        let (at, depth) = (0, 0);
        Self { json, at, depth }
    }

    /// The next text, if it can be found whole, and whether something in it is escaped.
    fn next_text(&mut self) -> Option<(Range<usize>, bool)> {
        loop {
            let byte = *self.json.get(self.at)?;
            self.at += 1;
            match byte {
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                b'"' => return self.rest_of_text(),
                _ => {}
            }
        }
    }

    fn rest_of_text(&mut self) -> Option<(Range<usize>, bool)> {
        let (start, mut escaped) = (self.at, false);
        loop {
            let byte = *self.json.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => return Some((start..self.at - 1, escaped)),
                b'\\' => (self.at, escaped) = (self.at + 1, true),
                _ => {}
            }
        }
    }

    /// Whether the text that was just passed is a key.
    fn was_key(&self) -> bool {
        let rest = self.json.get(self.at..).unwrap_or_default();
        rest.trim_ascii_start().first() == Some(&b':')
    }
}

impl Iterator for Keys<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let (place, escaped) = self.next_text()?;
            let small = (self.json.get(place.start)).is_some_and(u8::is_ascii_lowercase);
            if self.depth > 1 && small && !escaped && self.was_key() {
                return Some(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_rewritten_at_every_depth_and_nothing_else() {
        let table = [
            (r#"{"p":{"user_name":1}}"#, r#"{"p":{"userName":1}}"#),
            (
                r#"{"p":[{"a_b":{"c_d_e":[]}}]}"#,
                r#"{"p":[{"aB":{"cDE":[]}}]}"#,
            ),
            (
                r#"{"p":{"a_b" : "c_d", "e":"f_g"}}"#,
                r#"{"p":{"aB" : "c_d", "e":"f_g"}}"#,
            ),
            (
                r#"{"p":{"a":"\"b_c\":","d_e":"\\"}}"#,
                r#"{"p":{"a":"\"b_c\":","dE":"\\"}}"#,
            ),
            (
                r#"{"p":{"line_1":1,"ä_b":2,"a_ä":3}}"#,
                r#"{"p":{"line_1":1,"ä_b":2,"a_ä":3}}"#,
            ),
            (
                r#"{"p":{"_a_b":1,"A_b":2,"a_":3,"a__b":4}}"#,
                r#"{"p":{"_a_b":1,"A_b":2,"a_":3,"a_B":4}}"#,
            ),
            (r#"{"user_name":{}}"#, r#"{"user_name":{}}"#),
            (r#"{"p":{"a_\u0062":1}}"#, r#"{"p":{"a_\u0062":1}}"#),
            (r#"["a_b",["c_d"]]"#, r#"["a_b",["c_d"]]"#),
        ];
        for (snake, camel) in table {
            assert_eq!(to_camel(snake), camel);
            assert_eq!(to_snake(camel), snake);
        }
    }

    #[test]
    fn a_text_without_such_keys_is_not_copied() {
        let json = r#"{"action":"say","payload":{"text":"hiThere_you"}}"#;
        assert!(matches!(to_snake(json), Cow::Borrowed(_)));
        assert!(matches!(to_camel(json), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn names_of_fields_come_back(name in "[a-z][a-z0-9]{0,3}(_[a-z0-9]{1,4}){0,3}") {
            let json = format!(r#"{{"payload":{{"{name}":1}}}}"#);
            let camel = to_camel(&json);
            prop_assert_eq!(to_snake(&camel), json.as_str());
        }

        #[test]
        fn any_text_is_survived(text in r#"[{}\[\]":,\\aB_ ä]{0,40}"#) {
            let _ = (to_snake(&text), to_camel(&text));
        }
    }
}
