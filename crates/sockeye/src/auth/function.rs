//! Functions: async functions of extractors, whatever they give.

use std::future::Future;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::handshake::{Rejection, extract};

/// An async function of up to five extractors that gives an `Output`.
pub trait AsyncFunction<S, M>: Send + Sync + 'static {
    /// What it gives.
    type Output;

    /// Runs the extractors, then the function.
    fn call(
        &self,
        parts: &mut Parts,
        state: &S,
    ) -> impl Future<Output = Result<Self::Output, Rejection>> + Send;
}

macro_rules! function {
    ($($extractor:ident),*) => {
        #[allow(non_snake_case, unused_variables, reason = "one macro for every number of arguments")]
        impl<S, F, Fut, Out, $($extractor,)*> AsyncFunction<S, (Out, $($extractor,)*)> for F
        where
            S: Send + Sync + 'static,
            F: Fn($($extractor),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Out> + Send,
            Out: Send,
            $($extractor: FromRequestParts<S> + Send + 'static,)*
        {
            type Output = Out;

            async fn call(&self, parts: &mut Parts, state: &S) -> Result<Out, Rejection> {
                $(let $extractor = extract::<$extractor, S>(parts, state).await?;)*
                Ok(self($($extractor),*).await)
            }
        }
    };
}

function!();
function!(T1);
function!(T1, T2);
function!(T1, T2, T3);
function!(T1, T2, T3, T4);
function!(T1, T2, T3, T4, T5);
