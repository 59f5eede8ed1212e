//! Reader: values from JSON text, the same that `serde_json` reads, and quicker where they are texts.
//!
//! What is frequent is read here; whatever is rare is left to `serde_json`: numbers that are not small integers and texts
//! with escapes one by one, and a whole message as soon as anything in it is amiss, which that crate puts in words.

mod access;
mod deserializer;
#[cfg(test)]
mod tests;

use std::fmt::{self, Display};
use std::marker::PhantomData;

use serde::Deserializer as _;
use serde::de::{DeserializeOwned, DeserializeSeed, Error, Visitor};

use crate::message::plain::count_plain;

/// How deep values nest before `serde_json` is asked, which goes deeper: each level is a call on the stack.
const DEPTH: u8 = 64;

/// Reads a value that is all of `text`.
///
/// # Errors
/// What `serde_json` says.
pub(crate) fn read_json<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    match read_well(text, PhantomData::<T>) {
        Some(value) => Ok(value),
        None => serde_json::from_str(text),
    }
}

/// Reads a value that is all of `text`; `None` when something in it is for `serde_json`.
pub(crate) fn read_well<'de, T: DeserializeSeed<'de>>(text: &'de str, seed: T) -> Option<T::Value> {
    let mut reader = Reader {
        rest: text,
        depth: DEPTH,
    };
    let value = seed.deserialize(&mut reader).ok()?;
    // Nothing but space may follow.
    reader.next().is_err().then_some(value)
}

/// What of a text is not read yet.
struct Reader<'de> {
    rest: &'de str,
    depth: u8,
}

/// A text in quotes, without them, or with them where it has escapes.
enum Quoted<'de> {
    Plain(&'de str),
    Escaped(&'de str),
}

/// It is for `serde_json`, which says why: that costs nothing here.
#[derive(Debug)]
struct Declined;

type Result<T> = std::result::Result<T, Declined>;

impl<'de> Reader<'de> {
    /// The next byte that is no space. It stays; [`take`](Self::take) goes beyond it.
    #[inline]
    fn next(&mut self) -> Result<u8> {
        match self.rest.as_bytes().first() {
            Some(byte) if *byte > b' ' => Ok(*byte),
            _ => self.next_behind_space(),
        }
    }

    fn next_behind_space(&mut self) -> Result<u8> {
        self.rest = self.rest.trim_start_matches([' ', '\n', '\t', '\r']);
        self.rest.as_bytes().first().copied().ok_or(Declined)
    }

    /// Goes beyond the byte that comes next, which has to be this one.
    #[inline]
    fn take(&mut self, byte: u8) -> Result<()> {
        if self.next()? != byte {
            return Err(Declined);
        }
        self.rest = self.rest.get(1..).ok_or(Declined)?;
        Ok(())
    }

    /// Goes beyond a word such as `null`.
    fn word(&mut self, word: &str) -> Result<()> {
        self.rest = self.rest.strip_prefix(word).ok_or(Declined)?;
        Ok(())
    }

    /// Goes beyond a text in quotes.
    #[inline]
    fn quoted(&mut self) -> Result<Quoted<'de>> {
        if self.next()? != b'"' {
            return Err(Declined);
        }
        let inside = self.rest.get(1..).ok_or(Declined)?;
        let plain = count_plain(inside.as_bytes());
        let (text, behind) = inside.split_at_checked(plain).ok_or(Declined)?;
        match behind.as_bytes().first() {
            Some(b'"') => {
                self.rest = behind.get(1..).ok_or(Declined)?;
                Ok(Quoted::Plain(text))
            }
            Some(b'\\') => self.escaped(1 + plain).map(Quoted::Escaped),
            _ => Err(Declined),
        }
    }

    /// Goes beyond a text in quotes with its first escape at `at`, and gives it with its quotes.
    #[cold]
    fn escaped(&mut self, mut at: usize) -> Result<&'de str> {
        let bytes = self.rest.as_bytes();
        loop {
            match bytes.get(at) {
                // Whatever the escape is, its first character is no end.
                Some(b'\\') => at += 2,
                Some(b'"') => break,
                _ => return Err(Declined),
            }
            at += count_plain(bytes.get(at..).ok_or(Declined)?);
        }
        let (quoted, behind) = self.rest.split_at_checked(at + 1).ok_or(Declined)?;
        self.rest = behind;
        Ok(quoted)
    }

    /// Reads a text in quotes, which is borrowed where it stands in the message as it is.
    #[inline]
    fn text<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.quoted()? {
            Quoted::Plain(text) => visitor.visit_borrowed_str(text),
            Quoted::Escaped(quoted) => delegate(quoted, |reader| reader.deserialize_str(visitor)),
        }
    }

    /// Reads a number if it is small, positive and whole, as most are.
    fn small(&mut self) -> Result<Option<u64>> {
        self.next()?;
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (token, behind) = self.rest.split_at_checked(digits).ok_or(Declined)?;
        let is_whole = !behind.starts_with(['.', 'e', 'E']);
        // Of more digits than one the first is no zero, and no more than 18 fit into any 64 bits.
        if !is_whole || !(digits == 1 || ((2..=18).contains(&digits) && !token.starts_with('0'))) {
            return Ok(None);
        }
        self.rest = behind;
        let number = token.bytes();
        let number = number.fold(0, |all, digit| all * 10 + u64::from(digit - b'0'));
        Ok(Some(number))
    }

    /// Goes beyond what looks like a number, and gives it.
    fn number_token(&mut self) -> Result<&'de str> {
        let of_numbers = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = self.rest.bytes().take_while(of_numbers).count();
        let (token, behind) = self.rest.split_at_checked(length).ok_or(Declined)?;
        self.rest = behind;
        Ok(token)
    }

    /// Reads the inside of a list or an object, one level deeper: from this bracket to that.
    #[inline]
    fn inside<T>(
        &mut self,
        open: u8,
        close: u8,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.take(open)?;
        self.depth = self.depth.checked_sub(1).ok_or(Declined)?;
        let value = read(self)?;
        self.depth += 1;
        self.take(close)?;
        Ok(value)
    }
}

/// Has `serde_json` read a number or a text with escapes.
fn delegate<'de, T>(
    token: &'de str,
    read: impl FnOnce(
        &mut serde_json::Deserializer<serde_json::de::StrRead<'de>>,
    ) -> serde_json::Result<T>,
) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_str(token);
    let value = read(&mut reader).map_err(|_| Declined)?;
    reader.end().map_err(|_| Declined)?;
    Ok(value)
}

impl Error for Declined {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl std::error::Error for Declined {}

impl Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is for serde_json")
    }
}
