//! Hooks of the handshake: functions of extractors that may refuse, or load something for the handler.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::IntoResponse;
use http::request::Parts;

use crate::group::Hub;
use crate::handshake::{Handshake, Rejection, extract};

pub(crate) type Ran<'a> = Pin<Box<dyn Future<Output = Result<(), Rejection>> + Send + 'a>>;

/// What a hook is asked about.
pub(crate) struct Asked<'a, S> {
    pub(crate) parts: &'a mut Parts,
    pub(crate) handshake: &'a mut Handshake,
    pub(crate) state: &'a S,
    pub(crate) hub: &'a Hub,
    /// Whether clients may come in that are nobody in particular.
    pub(crate) anonymous: bool,
}

impl<S> Asked<'_, S> {
    /// The same for the next hook.
    pub(crate) fn again(&mut self) -> Asked<'_, S> {
        Asked {
            parts: self.parts,
            handshake: self.handshake,
            state: self.state,
            hub: self.hub,
            anonymous: self.anonymous,
        }
    }
}

/// A hook of any signature.
pub(crate) trait ErasedHook<S>: Send + Sync {
    fn run<'a>(&'a self, asked: Asked<'a, S>) -> Ran<'a>;

    /// Whether it is asked again when the connection's user is rechecked.
    fn is_asked_again(&self) -> bool {
        false
    }
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
    fn run<'a>(&'a self, asked: Asked<'a, S>) -> Ran<'a> {
        Box::pin(std::future::ready((self.0)(asked.handshake)))
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
            fn run<'a>(&'a self, asked: Asked<'a, S>) -> Ran<'a> {
                let Asked { parts, handshake, state, .. } = asked;
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
