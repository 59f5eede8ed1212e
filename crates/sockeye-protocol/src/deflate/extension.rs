//! `Sec-WebSocket-Extensions` as text (RFC 6455 9.1): extensions with parameters, in one pass over its bytes.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::SEC_WEBSOCKET_EXTENSIONS;
use thiserror::Error;

use crate::token;

/// Most extensions in one request, and most parameters of one. Browsers send one with one or two; the bound keeps what
/// is built from a header small.
pub const EXTENSIONS_MAX: usize = 16;

/// What is wrong with a `Sec-WebSocket-Extensions` header.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExtensionError {
    /// RFC 6455 9.1: the handshake fails when the header breaks its grammar.
    #[error(
        "Sec-WebSocket-Extensions cannot be read from \"{found}\" on; send `name; parameter=value, ...`"
    )]
    Syntax {
        /// The start of what could not be read.
        found: String,
    },
    /// More than [`EXTENSIONS_MAX`] extensions, or parameters of one.
    #[error("Sec-WebSocket-Extensions has more than 16 extensions or parameters; send fewer")]
    TooMany,
    /// RFC 6455 4.1: the server answered with an extension that was not offered, or with one twice.
    #[error(
        "server agreed to the extension \"{found}\", which was not offered or was agreed to before"
    )]
    NotOffered {
        /// The extension found.
        found: String,
    },
    /// RFC 7692 7.1: the server's parameters do not fit the offer.
    #[error(
        "server agreed to permessage-deflate with parameters that the offer does not allow: {found}"
    )]
    Unacceptable {
        /// What does not fit.
        found: &'static str,
    },
}

/// One extension of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extension<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) parameters: Vec<Parameter<'a>>,
}

/// One parameter of an extension: a name, and a value without its quotes.
pub(crate) type Parameter<'a> = (&'a [u8], Option<Cow<'a, [u8]>>);

/// Reads the extensions from all lines of the header.
pub(crate) fn parse(headers: &HeaderMap) -> Result<Vec<Extension<'_>>, ExtensionError> {
    let mut extensions = Vec::new();
    for line in headers.get_all(SEC_WEBSOCKET_EXTENSIONS) {
        let mut cursor = Cursor {
            rest: line.as_bytes(),
        };
        while cursor.skip_empty_elements() {
            if extensions.len() == EXTENSIONS_MAX {
                return Err(ExtensionError::TooMany);
            }
            extensions.push(cursor.extension()?);
        }
    }
    Ok(extensions)
}

/// The unread rest of one header line.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Skips to the next element of the list, and says whether there is one.
    fn skip_empty_elements(&mut self) -> bool {
        while self.eat(b',') {}
        !self.rest.is_empty()
    }

    /// Reads one element, up to the comma or the end.
    fn extension(&mut self) -> Result<Extension<'a>, ExtensionError> {
        let name = self.token()?;
        let mut parameters = Vec::new();
        while self.eat(b';') {
            if parameters.len() == EXTENSIONS_MAX {
                return Err(ExtensionError::TooMany);
            }
            let name = self.token()?;
            let value = if self.eat(b'=') {
                Some(self.value()?)
            } else {
                None
            };
            parameters.push((name, value));
        }
        if self.rest.is_empty() || self.rest.starts_with(b",") {
            Ok(Extension { name, parameters })
        } else {
            Err(self.syntax())
        }
    }

    /// Skips spaces, then one `byte` with the spaces after it, if it is there.
    fn eat(&mut self, byte: u8) -> bool {
        self.rest = self.rest.trim_ascii_start();
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest.trim_ascii_start();
                true
            }
            _ => false,
        }
    }

    fn token(&mut self) -> Result<&'a [u8], ExtensionError> {
        let end = self
            .rest
            .iter()
            .position(|byte| !token::is_token_byte(*byte));
        match self.rest.split_at(end.unwrap_or(self.rest.len())) {
            ([], _) => Err(self.syntax()),
            (token, rest) => {
                self.rest = rest;
                Ok(token)
            }
        }
    }

    /// Reads a token, or a quoted string whose content is one (RFC 6455 9.1).
    fn value(&mut self) -> Result<Cow<'a, [u8]>, ExtensionError> {
        let [b'"', quoted @ ..] = self.rest else {
            return self.token().map(Cow::Borrowed);
        };
        let mut value = Vec::new();
        let mut bytes = quoted.iter();
        loop {
            match bytes.next() {
                Some(b'"') => break,
                Some(b'\\') => value.extend(bytes.next()),
                Some(byte) if token::is_token_byte(*byte) => value.push(*byte),
                _ => return Err(self.syntax()),
            }
        }
        if !token::is_token(&value) {
            return Err(self.syntax());
        }
        self.rest = bytes.as_slice();
        Ok(Cow::Owned(value))
    }

    fn syntax(&self) -> ExtensionError {
        ExtensionError::Syntax {
            found: token::excerpt(self.rest),
        }
    }
}
