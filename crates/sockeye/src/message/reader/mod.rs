//! Reader: values from JSON text, the same that `serde_json` reads, and quicker where they are texts.
//!
//! What is frequent is read here; what is rare is left to `serde_json`: numbers that are not small integers and texts with
//! escapes one by one, and a whole message when there are keys in it that are no texts, raw JSON, or many levels, or
//! anything is amiss, which that crate puts in words.

mod access;
mod deserializer;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::fmt::{self, Debug, Display};
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
        declined: false,
    };
    let before = TOLD.replace(false);
    let value = seed.deserialize(&mut reader).ok();
    let is_well = !TOLD.replace(before) && !reader.declined;
    // Nothing but space may follow.
    value.filter(|_| is_well && reader.next().is_err())
}

/// What of a text is not read yet.
struct Reader<'de> {
    rest: &'de str,
    depth: u8,
    /// Whether anything was for `serde_json`. It stays so where a type makes do without the value.
    declined: bool,
}

/// A text in quotes, without them, or with them where it has escapes.
enum Quoted<'de> {
    Plain(&'de str),
    Escaped(&'de str),
}

/// It is for `serde_json`, which says why: that costs nothing here.
struct Declined;

thread_local! {
    /// Whether somebody looked at the words of a [`Declined`], and so may have kept them: `serde_json` has better ones.
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

type Result<T> = std::result::Result<T, Declined>;

/// Who reads what is not read here.
type Other<'de> = serde_json::Deserializer<serde_json::de::StrRead<'de>>;

impl<'de> Reader<'de> {
    #[cold]
    fn decline<T>(&mut self) -> Result<T> {
        self.declined = true;
        Err(Declined)
    }

    #[inline]
    fn some<T>(&mut self, found: Option<T>) -> Result<T> {
        match found {
            Some(found) => Ok(found),
            None => self.decline(),
        }
    }

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
        self.some(self.rest.as_bytes().first().copied())
    }

    /// Goes beyond the byte that comes next, which has to be this one.
    #[inline]
    fn take(&mut self, byte: u8) -> Result<()> {
        if self.next()? != byte {
            return self.decline();
        }
        self.rest = self.some(self.rest.get(1..))?;
        Ok(())
    }

    /// Goes beyond a word such as `null`.
    fn word(&mut self, word: &str) -> Result<()> {
        self.rest = self.some(self.rest.strip_prefix(word))?;
        Ok(())
    }

    /// Goes beyond a text in quotes.
    #[inline]
    fn quoted(&mut self) -> Result<Quoted<'de>> {
        if self.next()? != b'"' {
            return self.decline();
        }
        let inside = self.some(self.rest.get(1..))?;
        let plain = count_plain(inside.as_bytes());
        let (text, behind) = self.some(inside.split_at_checked(plain))?;
        match behind.as_bytes().first() {
            Some(b'"') => {
                self.rest = self.some(behind.get(1..))?;
                Ok(Quoted::Plain(text))
            }
            Some(b'\\') => self.escaped(1 + plain).map(Quoted::Escaped),
            _ => self.decline(),
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
                _ => return self.decline(),
            }
            at += count_plain(bytes.get(at..).unwrap_or_default());
        }
        let (quoted, behind) = self.some(self.rest.split_at_checked(at + 1))?;
        self.rest = behind;
        Ok(quoted)
    }

    /// Reads a text in quotes, which is borrowed where it stands in the message as it is.
    #[inline]
    fn text<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match self.quoted()? {
            Quoted::Plain(text) => visitor.visit_borrowed_str(text),
            Quoted::Escaped(quoted) => {
                self.delegate(quoted, |reader| reader.deserialize_str(visitor))
            }
        }
    }

    /// Reads a number if it is small, positive and whole, as most are.
    fn small(&mut self) -> Result<Option<u64>> {
        self.next()?;
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (token, behind) = self.some(self.rest.split_at_checked(digits))?;
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

    /// Has `serde_json` read what looks like a number.
    fn number<T>(
        &mut self,
        read: impl FnOnce(&mut Other<'de>) -> serde_json::Result<T>,
    ) -> Result<T> {
        self.next()?;
        let of_numbers = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = self.rest.bytes().take_while(of_numbers).count();
        let (token, behind) = self.some(self.rest.split_at_checked(length))?;
        self.rest = behind;
        self.delegate(token, read)
    }

    /// Reads the inside of a list or an object, one level deeper: from this bracket to that.
    #[inline]
    fn inside<T>(
        &mut self,
        open: u8,
        close: u8,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if self.depth == 0 {
            return self.decline();
        }
        self.take(open)?;
        self.depth -= 1;
        let value = read(self);
        // Whoever makes do without the value would go on before its bracket.
        self.declined |= value.is_err();
        self.depth += 1;
        let value = value?;
        self.take(close)?;
        Ok(value)
    }

    /// Has `serde_json` read a number or a text with escapes.
    fn delegate<T>(
        &mut self,
        token: &'de str,
        read: impl FnOnce(&mut Other<'de>) -> serde_json::Result<T>,
    ) -> Result<T> {
        let mut reader = Other::from_str(token);
        let value = read(&mut reader).ok();
        self.some(value.filter(|_| reader.end().is_ok()))
    }
}

impl Error for Declined {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl std::error::Error for Declined {}

impl Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TOLD.set(true);
        f.write_str("this is for serde_json")
    }
}

impl Debug for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}
