//! The words of a command line, taken out one after the other until none is left.

use std::env;
use std::fmt::Display;
use std::str::FromStr;

use crate::failure::{Failure, Outcome};

/// Words that were not asked for yet: first words by themselves, then `--name value` pairs and `--name` switches in any
/// order.
#[derive(Debug)]
pub struct Arguments(Vec<String>);

impl Arguments {
    pub(crate) fn of_process() -> Self {
        Self(env::args().skip(1).collect())
    }

    /// The first word, unless it is the name of an option.
    pub fn word(&mut self) -> Option<String> {
        let first = self.0.first()?;
        (!first.starts_with("--")).then(|| self.0.remove(0))
    }

    /// Whether the switch `name` is there.
    pub fn switch(&mut self, name: &str) -> bool {
        let place = self.0.iter().position(|word| word == name);
        place.map(|at| self.0.remove(at)).is_some()
    }

    /// The value after `name`, or none when `name` is not there.
    ///
    /// # Errors
    /// When nothing comes after `name`, or what comes cannot be read.
    pub fn option<T: FromStr<Err: Display>>(&mut self, name: &str) -> Outcome<Option<T>> {
        let Some(at) = self.0.iter().position(|word| word == name) else {
            return Ok(None);
        };
        if at + 1 == self.0.len() {
            return Err(Failure::new(format!("`{name}` needs a value after it")));
        }
        self.0.remove(at);
        let word = self.0.remove(at);
        let value = word.parse();
        let value = value.map_err(Failure::of(format!("read `{word}` after `{name}`")))?;
        Ok(Some(value))
    }

    /// The parts of the value after `name`, which commas divide.
    ///
    /// # Errors
    /// When nothing comes after `name`.
    pub fn list(&mut self, name: &str) -> Outcome<Option<Vec<String>>> {
        let list = self.option::<String>(name)?;
        Ok(list.map(|list| list.split(',').map(str::to_owned).collect()))
    }

    /// Refuses what nobody asked for.
    ///
    /// # Errors
    /// When words are left, with `usage`.
    pub fn end(self, usage: &str) -> Outcome {
        if self.0.is_empty() {
            return Ok(());
        }
        let left = self.0.join(" ");
        Err(Failure::new(format!("cannot read `{left}`\n\n{usage}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn words_options_and_switches_are_taken_in_any_order() {
        let mut line = arguments("echo --depth 16 --fast --peers a,b");
        assert_eq!(line.word().as_deref(), Some("echo"));
        assert_eq!(line.word(), None);
        assert!(line.switch("--fast"));
        assert!(!line.switch("--fast"));
        assert_eq!(line.list("--peers").unwrap().unwrap(), ["a", "b"]);
        assert_eq!(line.option("--depth").unwrap(), Some(16_usize));
        assert_eq!(line.option::<usize>("--depth").unwrap(), None);
        line.end("usage").unwrap();
    }

    #[test]
    fn what_nobody_asked_for_is_refused_with_the_usage() {
        let failure = arguments("--deep 16").end("load echo").unwrap_err();
        assert_eq!(failure.to_string(), "cannot read `--deep 16`\n\nload echo");
    }

    #[test]
    fn a_value_that_is_missing_or_unreadable_is_named() {
        let failure = arguments("--depth").option::<u32>("--depth").unwrap_err();
        assert_eq!(failure.to_string(), "`--depth` needs a value after it");
        let failure = arguments("--depth x").option::<u32>("--depth").unwrap_err();
        assert!(
            failure
                .to_string()
                .starts_with("cannot read `x` after `--depth`: ")
        );
    }
}
