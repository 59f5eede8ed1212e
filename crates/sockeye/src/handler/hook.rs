//! Hooks of the handshake: functions of extractors that may refuse, or load something for the handler.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::IntoResponse;
use http::request::Parts;

use crate::handshake::{Handshake, Rejection};

type Ran<'a> = Pin<Box<dyn Future<Output = Result<(), Rejection>> + Send + 'a>>;

/// A hook of any signature.
pub(crate) trait ErasedHook<S>: Send + Sync {
    fn run<'a>(
        &'a self,
        parts: &'a mut Parts,
        handshake: &'a mut Handshake,
        state: &'a S,
    ) -> Ran<'a>;
}

/// An async function of extractors that gives `Result<T, R>`: see [`Endpoint::handshake`](crate::Endpoint::handshake).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a handshake hook",
    label = "not a hook",
    note = "a hook is an `async fn` whose at most five arguments are extractors (`sockeye::Path`, \
            `axum::extract::{{Query, State}}`, `http::HeaderMap`, ...) and which gives `Result<T, R>`: `T: Clone` goes \
            to the handler's state, `R: IntoResponse` to the client",
    note = "a closure that takes `&mut Handshake` is added by `accept`"
)]
pub trait HandshakeHook<S, M>: Send + Sync + 'static {
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "the trait is sealed by this method")]
    fn erase(self) -> Arc<dyn ErasedHook<S>>;
}

struct Hook<F, M>(F, PhantomData<fn(M)>);

/// A hook that takes the handshake itself.
pub(crate) struct Acceptance<F>(pub(crate) F);

impl<S, F> ErasedHook<S> for Acceptance<F>
where
    F: Fn(&mut Handshake) -> Result<(), Rejection> + Send + Sync,
{
    fn run<'a>(&'a self, _: &'a mut Parts, handshake: &'a mut Handshake, _: &'a S) -> Ran<'a> {
        Box::pin(std::future::ready((self.0)(handshake)))
    }
}

macro_rules! hook {
    ($($extractor:ident),*) => {
        impl<S, F, Fut, T, R, $($extractor,)*> HandshakeHook<S, (T, R, $($extractor,)*)> for F
        where
            S: Send + Sync + 'static,
            F: Fn($($extractor),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<T, R>> + Send,
            T: Clone + Send + Sync + 'static,
            R: IntoResponse + 'static,
            $($extractor: FromRequestParts<S> + Send + 'static,)*
        {
            #[expect(private_interfaces, reason = "the trait is sealed by this method")]
            fn erase(self) -> Arc<dyn ErasedHook<S>> {
                Arc::new(Hook::<F, (T, R, $($extractor,)*)>(self, PhantomData))
            }
        }

        #[allow(non_snake_case, unused_variables, reason = "one macro for every number of arguments")]
        impl<S, F, Fut, T, R, $($extractor,)*> ErasedHook<S> for Hook<F, (T, R, $($extractor,)*)>
        where
            S: Send + Sync + 'static,
            F: Fn($($extractor),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<T, R>> + Send,
            T: Clone + Send + Sync + 'static,
            R: IntoResponse + 'static,
            $($extractor: FromRequestParts<S> + Send + 'static,)*
        {
            fn run<'a>(&'a self, parts: &'a mut Parts, handshake: &'a mut Handshake, state: &'a S) -> Ran<'a> {
                Box::pin(async move {
                    $(let $extractor = extract::<$extractor, S>(parts, state).await?;)*
                    match (self.0)($($extractor),*).await {
                        Ok(loaded) => {
                            parts.extensions.insert(loaded.clone());
                            handshake.state_mut().set(loaded);
                            Ok(())
                        }
                        Err(refusal) => Err(refusal.into_response().into()),
                    }
                })
            }
        }
    };
}

hook!();
hook!(T1);
hook!(T1, T2);
hook!(T1, T2, T3);
hook!(T1, T2, T3, T4);
hook!(T1, T2, T3, T4, T5);

/// Runs one extractor; its refusal is an HTTP answer.
pub(crate) async fn extract<T: FromRequestParts<S>, S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
) -> Result<T, Rejection> {
    T::from_request_parts(parts, state)
        .await
        .map_err(|refusal| refusal.into_response().into())
}
