//! Surroundings: what the counts depend on besides our own code.

use std::fs;

use crate::failure::{Failure, Outcome};
use crate::step::Step;

/// Compiler, target, valgrind, the C library with its ways to copy, and whether there is AVX2, for which several
/// crates choose other code while the program runs. Counts of two machines with the same words here are the same.
pub(crate) fn told() -> Outcome<String> {
    let rustc = Step::new("rustc", &["-vV"]).output()?;
    let valgrind = Step::new("valgrind", &["--version"]).output()?;
    // On systems without it the C library is not glibc.
    let libc = Step::new("getconf", &["GNU_LIBC_VERSION"]).output();
    let libc = libc.unwrap_or_else(|_| "another C library".to_owned());
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let simd = if has_avx2(&processor) {
        "AVX2"
    } else {
        "no AVX2"
    };
    let (release, host) = (field(&rustc, "release: ")?, field(&rustc, "host: ")?);
    let (valgrind, libc) = (valgrind.trim(), libc.trim());
    Ok(format!(
        "rustc {release}, {host}, {valgrind}, {libc}, {simd}"
    ))
}

fn field<'a>(text: &'a str, name: &str) -> Outcome<&'a str> {
    let field = text.lines().find_map(|line| line.strip_prefix(name));
    field.ok_or_else(|| Failure::new(format!("`rustc -vV` does not tell `{name}`")))
}

fn has_avx2(processor: &str) -> bool {
    processor.split_whitespace().any(|word| word == "avx2")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_compiler_are_found() {
        let text = "rustc 1.95.0\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(field(text, "release: ").unwrap(), "1.95.0");
        assert!(field(text, "target: ").is_err());
    }

    #[test]
    fn avx2_is_a_word_among_the_flags() {
        assert!(has_avx2("flags\t\t: fpu avx avx2 bmi"));
        assert!(!has_avx2("flags\t\t: fpu avx bmi"));
    }
}
