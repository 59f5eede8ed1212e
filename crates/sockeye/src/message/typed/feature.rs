//! Feature: what derived code needs a feature for, or an error that names it.

/// Code that needs the feature `garde`.
#[doc(hidden)]
#[cfg(feature = "garde")]
#[macro_export]
macro_rules! __with_garde {
    ($($code:tt)*) => { $($code)* };
}

/// Code that needs the feature `garde`.
#[doc(hidden)]
#[cfg(not(feature = "garde"))]
#[macro_export]
macro_rules! __with_garde {
    ($($code:tt)*) => {
        ::core::compile_error!(
            "rules are checked by the feature `garde` of sockeye; write `sockeye = { features = [\"garde\"] }` in \
             Cargo.toml, or leave out the rules"
        )
    };
}

/// Code that needs the feature `schema`.
#[doc(hidden)]
#[cfg(feature = "schema")]
#[macro_export]
macro_rules! __with_schema {
    ($($code:tt)*) => { $($code)* };
}

/// Code that needs the feature `schema`.
#[doc(hidden)]
#[cfg(not(feature = "schema"))]
#[macro_export]
macro_rules! __with_schema {
    ($($code:tt)*) => {
        ::core::compile_error!(
            "messages describe themselves by the feature `schema` of sockeye; write \
             `sockeye = { features = [\"schema\"] }` in Cargo.toml, or leave out `schema`"
        );
    };
}
