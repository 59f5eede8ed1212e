//! Reading a pattern.

use std::collections::HashSet;
use std::sync::Arc;

use regex::Regex;

use crate::routing::pattern::Tail;
use crate::routing::pattern::error::{Fault, PatternError};
use crate::routing::segment::{Segment, SegmentKind, is_dots};
use crate::routing::{PATH_BYTES_MAX, SEGMENTS_MAX};

/// Reads the segments of a pattern.
pub(super) fn segments(text: &str) -> Result<Box<[Segment]>, PatternError> {
    let fail = |offset, fault| Err(PatternError::at(text, offset, fault));
    let Some(path) = text.strip_prefix('/') else {
        return fail(
            0,
            if text.is_empty() {
                Fault::Empty
            } else {
                Fault::NoLeadingSlash
            },
        );
    };
    if text.len() > PATH_BYTES_MAX {
        return fail(PATH_BYTES_MAX, Fault::TooLong);
    }
    let mut segments = Vec::new();
    let mut names = HashSet::new();
    let mut offset = 1;
    for part in path.split('/') {
        let end = offset + part.len();
        if part.is_empty() && end != text.len() {
            return fail(offset, Fault::EmptySegment);
        }
        if segments.len() == SEGMENTS_MAX {
            return fail(offset, Fault::TooManySegments);
        }
        let segment = match segment(part) {
            Ok(segment) => segment,
            Err((inside, fault)) => return fail(offset + inside, fault),
        };
        if let Segment::Parameter { name, kind } = &segment {
            if !names.insert(Arc::clone(name)) {
                return fail(offset + 1, Fault::DuplicateParameter(name.to_string()));
            }
            if *kind == SegmentKind::Path && end != text.len() {
                return fail(offset, Fault::RestNotLast);
            }
        }
        segments.push(segment);
        offset = end + 1;
    }
    Ok(segments.into())
}

/// A mistake and where in the segment it is.
type Located<T> = Result<T, (usize, Fault)>;

fn segment(part: &str) -> Located<Segment> {
    if part.starts_with('{') && !part.starts_with("{{") {
        return parameter(part);
    }
    let text = literal(part)?;
    if is_dots(&text) {
        return Err((0, Fault::Dots));
    }
    Ok(Segment::Literal(text.into()))
}

/// Reads `{name}` or `{name:kind}`.
fn parameter(part: &str) -> Located<Segment> {
    let close = part.find('}').ok_or((0, Fault::Unclosed))?;
    if close + 1 != part.len() {
        return Err((close + 1, Fault::PartOfSegment));
    }
    let inside = part.get(1..close).unwrap_or_default();
    let (name, kind) = inside.split_once(':').unwrap_or((inside, "str"));
    if !is_name(name) {
        return Err((1, Fault::BadName(name.to_owned())));
    }
    let Some(kind) = SegmentKind::named(kind) else {
        return Err((name.len() + 2, Fault::UnknownKind(kind.to_owned())));
    };
    Ok(Segment::Parameter {
        name: name.into(),
        kind,
    })
}

fn is_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Reads a fixed text, in which braces are doubled.
fn literal(part: &str) -> Located<String> {
    let mut text = String::with_capacity(part.len());
    let mut chars = part.char_indices().peekable();
    while let Some((offset, char)) = chars.next() {
        match char {
            '{' | '}' if chars.next_if(|(_, next)| *next == char).is_some() => {}
            '{' if part.get(offset..).is_some_and(|rest| rest.contains('}')) => {
                return Err((offset, Fault::PartOfSegment));
            }
            '{' => return Err((offset, Fault::Unclosed)),
            '}' => return Err((offset, Fault::Unopened)),
            '?' | '#' => return Err((offset, Fault::NotOfPath(char))),
            '%' => refuse_encoded(part, offset)?,
            _ => {}
        }
        text.push(char);
    }
    Ok(text)
}

/// Two hexadecimal digits after `%` are almost certainly meant as one character.
fn refuse_encoded(part: &str, offset: usize) -> Located<()> {
    match part.get(offset..offset + 3) {
        Some(code) if code.bytes().skip(1).all(|byte| byte.is_ascii_hexdigit()) => {
            Err((offset, Fault::Encoded(code.to_owned())))
        }
        _ => Ok(()),
    }
}

/// Reads a regular expression over the rest of a path.
pub(super) fn tail(source: &str) -> Result<Tail, PatternError> {
    let fail = |fault| Err(PatternError::at(source, 0, fault));
    if source.is_empty() {
        return fail(Fault::Empty);
    }
    if source.len() > PATH_BYTES_MAX {
        return fail(Fault::TooLong);
    }
    // First by itself, so that an error shows what was written.
    let anchored = Regex::new(source).and_then(|_| Regex::new(&format!(r"\A(?:{source})\z")));
    let regex = match anchored {
        Ok(regex) => regex,
        Err(error) => return fail(Fault::Regex(error)),
    };
    let names = regex.capture_names().flatten().map(Arc::from).collect();
    Ok(Tail {
        source: source.into(),
        regex,
        names,
    })
}

/// Looks for what keeps a regular expression from standing below the segments of `above`.
pub(super) fn check_tail(
    above: &str,
    segments: &[Segment],
    tail: &Tail,
) -> Result<(), PatternError> {
    let text = format!("{above}{}", tail.source);
    for segment in segments {
        let Segment::Parameter { name, kind } = segment else {
            continue;
        };
        if *kind == SegmentKind::Path {
            return Err(PatternError::at(&text, above.len(), Fault::RestNotLast));
        }
        if tail.names.contains(name) {
            let fault = Fault::DuplicateParameter(name.to_string());
            return Err(PatternError::at(&text, above.len(), fault));
        }
    }
    Ok(())
}
