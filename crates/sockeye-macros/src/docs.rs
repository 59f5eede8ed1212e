//! Docs: the documentation comments of an item, as text.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Their lines, without the marks of a comment; empty where there are none.
pub(crate) fn text(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(line);
    lines.collect::<Vec<_>>().join("\n")
}

fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    match &pair.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(line),
            ..
        }) if pair.path.is_ident("doc") => Some(line.value().trim().to_owned()),
        _ => None,
    }
}
