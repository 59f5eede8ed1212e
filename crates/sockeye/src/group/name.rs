//! GroupName: a group's name, built from checked parts so that nobody can talk their way into another group.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::{Error, ErrorKind};

/// What stays as it is inside a part: RFC 3986's unreserved characters. The separator `:` does not.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Bytes of a whole name, escapes counted: fits every broker's own limit.
const NAME_BYTES_MAX: usize = 255;

/// How the names of groups of one node begin; no part does, as it would be escaped.
const LOCAL: char = '@';

/// The name of a group: parts joined by `:`, each escaped, so different parts never give the same name.
///
/// Made from a constant (`"lobby"`), from a kind and a value (`("room", room)`) or more values. A plain `String` is
/// no name: it could carry a separator that somebody else chose.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct GroupName(Arc<str>);

impl GroupName {
    /// A name of one or more parts.
    ///
    /// # Errors
    /// `Name` when there is no part, a part is empty or the whole is longer than 255 bytes.
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let mut name = String::with_capacity(64);
        for part in parts {
            if part.is_empty() {
                return Err(Error::with(
                    ErrorKind::Name,
                    "cannot name a group: a part of its name is empty",
                ));
            }
            if !name.is_empty() {
                name.push(':');
            }
            // Longer than the limit already: do not escape what will be refused.
            if name.len() + part.len() > NAME_BYTES_MAX {
                return Err(too_long(name.len() + part.len()));
            }
            name.extend(utf8_percent_encode(part, KEPT));
        }
        if name.is_empty() {
            return Err(Error::with(
                ErrorKind::Name,
                "cannot name a group: it has no part",
            ));
        }
        if name.len() > NAME_BYTES_MAX {
            return Err(too_long(name.len()));
        }
        Ok(Self(name.into()))
    }

    /// The name of a group whose members are of this node alone, whatever groups other nodes call by it: no broker hears
    /// of it, and joining waits for nobody. [`Context::broadcast`](crate::Context::broadcast) leaves it out. For what every node
    /// makes by itself, say of a database that all of them watch.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn local<'a>(parts: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let name = Self::new(parts)?;
        Ok(Self(format!("{LOCAL}{name}").into()))
    }

    pub(crate) fn is_local(&self) -> bool {
        is_local(&self.0)
    }

    /// The name as brokers see it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind of group: the first part.
    pub(crate) fn kind(&self) -> Cow<'_, str> {
        let name = self.0.strip_prefix(LOCAL).unwrap_or(&self.0);
        let first = name.split(':').next().unwrap_or_default();
        percent_decode_str(first).decode_utf8_lossy()
    }

    /// A name that the engine knows, which was checked when its topic was made.
    pub(crate) fn of_topic(name: Arc<str>) -> Self {
        Self(name)
    }

    pub(crate) fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

/// Whether a topic is a group of one node.
pub(crate) fn is_local(topic: &str) -> bool {
    topic.starts_with(LOCAL)
}

fn too_long(found: usize) -> Error {
    let text = format!(
        "cannot name a group: the name has {found} bytes, at most {NAME_BYTES_MAX} are allowed"
    );
    Error::with(ErrorKind::Name, text)
}

impl std::borrow::Borrow<str> for GroupName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// What names a group: a constant, a [`GroupName`], or a kind with values such as `("room", room)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a group",
    label = "not a group name",
    note = "use a constant (\"lobby\"), or a kind and a value: (\"room\", room); a formatted `String` could carry a \
            separator that a client chose"
)]
pub trait IntoGroupName {
    /// The checked name.
    ///
    /// # Errors
    /// As [`GroupName::new`].
    fn into_group_name(self) -> Result<GroupName, Error>;
}

impl IntoGroupName for GroupName {
    fn into_group_name(self) -> Result<GroupName, Error> {
        Ok(self)
    }
}

impl IntoGroupName for &GroupName {
    fn into_group_name(self) -> Result<GroupName, Error> {
        Ok(self.clone())
    }
}

impl IntoGroupName for &'static str {
    fn into_group_name(self) -> Result<GroupName, Error> {
        GroupName::new([self])
    }
}

impl<A: fmt::Display> IntoGroupName for (&'static str, A) {
    fn into_group_name(self) -> Result<GroupName, Error> {
        GroupName::new([self.0, &self.1.to_string()])
    }
}

impl<A: fmt::Display, B: fmt::Display> IntoGroupName for (&'static str, A, B) {
    fn into_group_name(self) -> Result<GroupName, Error> {
        GroupName::new([self.0, &self.1.to_string(), &self.2.to_string()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(parts: impl IntoGroupName) -> String {
        parts.into_group_name().unwrap().as_str().to_owned()
    }

    #[test]
    fn separators_in_values_are_escaped_and_different_parts_stay_different() {
        assert_eq!(name("lobby"), "lobby");
        assert_eq!(name(("room", "a:b")), "room:a%3Ab");
        assert_ne!(name(("room", "a:b")), name(("room", "a", "b")));
        assert_eq!(name(("room", "grüße *>")), "room:gr%C3%BC%C3%9Fe%20%2A%3E");
        assert_eq!(name(("user", 7)), "user:7");
    }

    #[test]
    fn the_kind_is_the_first_part_as_it_was_given() {
        let kind = |parts: &[&str]| {
            let name = GroupName::new(parts.iter().copied()).unwrap();
            name.kind().into_owned()
        };
        assert_eq!(kind(&["lobby"]), "lobby");
        assert_eq!(kind(&["room", "a:b", "c"]), "room");
        assert_eq!(kind(&["größe:x", "c"]), "größe:x");
    }

    #[test]
    fn a_local_name_is_none_that_anybody_else_could_make() {
        let local = GroupName::local(["live", "a:b"]).unwrap();
        assert!(local.is_local());
        assert_eq!(local.kind(), "live");
        assert_ne!(local, GroupName::new(["live", "a:b"]).unwrap());
        assert!(!GroupName::new(["@live", "a:b"]).unwrap().is_local());
    }

    #[test]
    fn empty_and_endless_names_are_refused() {
        assert!(("room", "").into_group_name().is_err());
        let error = ("room", "x".repeat(300)).into_group_name().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Name);
        assert!(error.to_string().contains("at most 255"));
    }
}
