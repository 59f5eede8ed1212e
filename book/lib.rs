//! The snippets of the book: each chapter is the documentation of a module, so that they are compiled and run as tests.

#![forbid(unsafe_code)]

pub mod shop;

macro_rules! chapters {
    ($($chapter:ident)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("src/", stringify!($chapter), ".md"))]
            mod $chapter {}
        )*
    };
}

chapters! {
    introduction
    tutorial
    handlers
    messages
    groups
    cluster
    authentication
    live
    options
    testing
    errors
    from_pylight
    from_chanx
    from_axum_realtime_kit
    from_kui
    from_websockets_routes
}
