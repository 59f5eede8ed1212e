//! From a pattern and its parameters back to a path.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::routing::pattern::Pattern;
use crate::routing::segment::{Segment, SegmentKind};

/// What cannot stand in a segment as it is (RFC 3986 section 3.3).
const NOT_IN_SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The same for the rest of a path, whose slashes separate segments.
const NOT_IN_REST: &AsciiSet = &NOT_IN_SEGMENT.remove(b'/');

impl Pattern {
    /// Makes the path of this route, percent-encoded, from a text for each of its parameters.
    ///
    /// The route takes the path that it makes, and finds the same parameters in it.
    ///
    /// # Errors
    /// [`UrlError`] when a parameter is missing, unknown or of another kind, and for regular
    /// expressions, which cannot be turned back.
    pub fn url(&self, params: &[(&str, &str)]) -> Result<String, UrlError> {
        if self.tail().is_some() {
            return Err(UrlError::Regex {
                pattern: self.to_string(),
            });
        }
        let known = |name: &str| self.parameters().any(|(parameter, _)| parameter == name);
        if let Some((name, _)) = params.iter().find(|(name, _)| !known(name)) {
            return Err(UrlError::Unknown {
                name: (*name).to_owned(),
                pattern: self.to_string(),
            });
        }
        let mut url = String::with_capacity(self.as_str().len());
        for segment in self.segments() {
            let (text, kind) = match segment {
                Segment::Literal(text) => (&**text, SegmentKind::Str),
                Segment::Parameter { name, kind } => (self.text_for(name, *kind, params)?, *kind),
            };
            let encoded = if kind == SegmentKind::Path {
                NOT_IN_REST
            } else {
                NOT_IN_SEGMENT
            };
            url.push('/');
            url.extend(utf8_percent_encode(text, encoded));
        }
        Ok(url)
    }

    fn text_for<'a>(
        &self,
        name: &str,
        kind: SegmentKind,
        params: &[(&str, &'a str)],
    ) -> Result<&'a str, UrlError> {
        let Some((_, text)) = params.iter().find(|(given, _)| *given == name) else {
            return Err(UrlError::Missing {
                name: name.to_owned(),
                pattern: self.to_string(),
            });
        };
        if !kind.accepts(text) {
            let text = (*text).to_owned();
            return Err(UrlError::Mismatch {
                name: name.to_owned(),
                kind,
                text,
            });
        }
        Ok(text)
    }
}

/// Why no URL could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// A parameter of the route has no text.
    #[error("cannot make a url of `{pattern}`: give a text for its parameter `{name}`")]
    Missing {
        /// The parameter.
        name: String,
        /// The pattern of the route.
        pattern: String,
    },
    /// There is a text for a parameter that the route does not have.
    #[error("cannot make a url of `{pattern}`: it has no parameter `{name}`")]
    Unknown {
        /// The name that was given.
        name: String,
        /// The pattern of the route.
        pattern: String,
    },
    /// A text is not of its parameter's kind.
    #[error(
        "cannot make a url: parameter `{name}` is of kind `{kind}`, which does not take {text:?}"
    )]
    Mismatch {
        /// The parameter.
        name: String,
        /// What it takes.
        kind: SegmentKind,
        /// What was given.
        text: String,
    },
    /// The route is a regular expression.
    #[error(
        "cannot make a url of `{pattern}`: a regular expression does not say which texts fit it"
    )]
    Regex {
        /// The pattern of the route.
        pattern: String,
    },
    /// No route has the name.
    #[error("cannot make a url: no route is named `{name}`")]
    UnknownName {
        /// The name that was asked for.
        name: String,
    },
}
