//! Mistakes that do not compile, and what the compiler then says: the way to mend them.
//!
//! The texts are those of the newest stable compiler; `TRYBUILD=overwrite cargo test --test ui` writes them anew.

#[test]
fn mistakes_are_refused_with_the_way_to_mend_them() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/fail/*.rs");
    // What the compiler says of these depends on the features.
    if cfg!(feature = "garde") {
        cases.compile_fail("tests/ui/rules/*.rs");
    }
    if cfg!(not(any(feature = "garde", feature = "schema"))) {
        cases.compile_fail("tests/ui/bare/*.rs");
    }
}
