//! Rust text reduced to its code: comments and literals become blanks, so that rules do not read prose.

/// `text` with the same lines and columns, all comments and all string and character literals blanked.
pub(crate) fn blanked(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let glued = code.ends_with(is_name);
        let length = comment(rest).or_else(|| literal(rest, glued));
        let (head, tail) = rest.split_at(length.unwrap_or_else(|| next.len_utf8()));
        match length {
            Some(_) => code.extend(head.chars().map(|c| if c == '\n' { c } else { ' ' })),
            None => code.push_str(head),
        }
        rest = tail;
    }
    code
}

/// Whether `c` can stand in an identifier.
pub(crate) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the comment that `rest` begins with.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += tail.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            return Some(at);
        }
    }
    Some(rest.len())
}

/// The length of the literal that `rest` begins with; `glued` when a name stands right before it.
fn literal(rest: &str, glued: bool) -> Option<usize> {
    if let Some(body) = rest.strip_prefix('"') {
        return Some(1 + quoted(body, '"'));
    }
    if let Some(body) = rest.strip_prefix('\'') {
        return character(body);
    }
    if glued {
        return None;
    }
    let raw = rest
        .strip_prefix(['b', 'c'])
        .unwrap_or(rest)
        .strip_prefix('r')?;
    let hashes = raw.len() - raw.trim_start_matches('#').len();
    let body = raw[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", &raw[..hashes]);
    let open = rest.len() - body.len();
    Some(
        body.find(&close)
            .map_or(rest.len(), |at| open + at + close.len()),
    )
}

/// The length up to and with the closing `quote`.
fn quoted(body: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        if c == quote && !escaped {
            return at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    body.len()
}

/// The length of a character literal, told from a lifetime by its closing quote; `body` is what follows the first.
fn character(body: &str) -> Option<usize> {
    let mut chars = body.chars();
    let first = chars.next()?;
    let literal = first == '\\' || (first != '\'' && chars.next() == Some('\''));
    literal.then(|| 1 + quoted(body, '\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_code_stays() {
        let table = [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("a /* b", "a     "),
            (r#"a("b // c") d"#, "a(        ) d"),
            (r#"a("b\"c") d"#, "a(      ) d"),
            (r#"a("b\\") d"#, "a(     ) d"),
            (r##"a(r#"b"c"#) d"##, "a(        ) d"),
            (r#"a(br"b\") d"#, "a(      ) d"),
            (r#"var"b""#, "var   "),
            ("a('b') c", "a(   ) c"),
            (r"a('\'') c", "a(    ) c"),
            (r"a('\u{1F600}') c", "a(           ) c"),
            ("fn a<'b>(c: &'b str)", "fn a<'b>(c: &'b str)"),
            ("'a: loop { break 'a }", "'a: loop { break 'a }"),
            ("a(\"b\nc\")", "a(  \n  )"),
            ("r#type::a", "r#type::a"),
        ];
        for (text, code) in table {
            assert_eq!(blanked(text), code, "{text}");
        }
    }

    #[test]
    fn text_of_any_alphabet_keeps_its_lines() {
        assert_eq!(blanked("// ä\nb /* 漢\n字 */ c"), "    \nb     \n     c");
    }
}
