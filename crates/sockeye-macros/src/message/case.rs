//! Case: how the name of a variant becomes the name of its action.

use syn::{LitStr, Result};

/// The conventions that serde knows, by the names it has for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

const NAMES: [(&str, Case); 8] = [
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("PascalCase", Case::Pascal),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
];

impl Case {
    pub(crate) fn parse(name: &LitStr) -> Result<Self> {
        let text = name.value();
        let known = NAMES.iter().find(|(known, _)| *known == text);
        known.map(|(_, case)| *case).ok_or_else(|| {
            let names = NAMES.map(|(name, _)| format!("`{name}`")).join(", ");
            let text = format!("no case is called `{text}`; write one of {names}");
            syn::Error::new(name.span(), text)
        })
    }

    /// `name`, which is written in Pascal case, in this one.
    pub(crate) fn of_variant(self, name: &str) -> String {
        match self {
            Self::Lower => name.to_ascii_lowercase(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Pascal => name.to_owned(),
            Self::Camel => {
                let mut letters = name.chars();
                let first = letters.next().map(|first| first.to_ascii_lowercase());
                first.into_iter().chain(letters).collect()
            }
            Self::Snake => snake(name),
            Self::ScreamingSnake => snake(name).to_ascii_uppercase(),
            Self::Kebab => snake(name).replace('_', "-"),
            Self::ScreamingKebab => snake(name).to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for (at, letter) in name.char_indices() {
        if letter.is_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    #[test]
    fn every_case_writes_a_variant_as_serde_does() {
        let table = [
            ("lowercase", "sayhi"),
            ("UPPERCASE", "SAYHI"),
            ("PascalCase", "SayHi"),
            ("camelCase", "sayHi"),
            ("snake_case", "say_hi"),
            ("SCREAMING_SNAKE_CASE", "SAY_HI"),
            ("kebab-case", "say-hi"),
            ("SCREAMING-KEBAB-CASE", "SAY-HI"),
        ];
        for (name, written) in table {
            let case = Case::parse(&LitStr::new(name, Span::call_site())).unwrap();
            assert_eq!(case.of_variant("SayHi"), written);
        }
    }
}
