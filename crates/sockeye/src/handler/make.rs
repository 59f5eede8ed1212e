//! Making a trait handler for each connection: from nothing, or by a function of extractors.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use axum::extract::FromRequestParts;
use axum::response::IntoResponse;
use http::request::Parts;

use crate::handler::endpoint::{Accept, Accepted, Start};
use crate::handler::running::Running;
use crate::handler::{Context, Endpoint, Handler};
use crate::handshake::{Handshake, Rejection, extract};

/// An endpoint that makes a [`Handler`] for each connection, at the start of its handshake.
///
/// ```
/// use sockeye::{DefaultHandler, Router, endpoint};
///
/// let routes: Router = Router::new().route("/ws/products", endpoint(|| DefaultHandler));
/// # let _ = routes;
/// ```
pub fn endpoint<S, H>(make: impl Fn() -> H + Send + Sync + 'static) -> Endpoint<S>
where
    S: Clone + Send + Sync + 'static,
    H: Handler,
{
    Endpoint::new(Make(make))
}

struct Make<F>(F);

impl<S, H: Handler, F: Fn() -> H + Send + Sync> Accept<S> for Make<F> {
    fn accept<'a>(
        &'a self,
        _: &'a mut Parts,
        handshake: &'a mut Handshake,
        _: &'a S,
    ) -> Accepted<'a> {
        let handler = (self.0)();
        Box::pin(start(handler, handshake))
    }
}

/// An endpoint whose handler is made by an async function of extractors, so that it begins with what it needs: the
/// application's state, the user, values of the request.
///
/// The function runs during the handshake, after the hooks of [`Endpoint::handshake`]; it gives the handler, or a
/// `Result` whose error is the HTTP response that the client gets instead. So does an extractor that refuses.
///
/// ```
/// use axum::extract::State;
/// use sockeye::{Context, Handler, Json, Path, Result, Router, endpoint_with};
///
/// #[derive(Clone)]
/// struct App { greeting: &'static str }
///
/// struct Room { app: App, id: u64 }
///
/// impl Handler for Room {
///     type Incoming = String;
///     type Outgoing = String;
///
///     async fn on_message(&mut self, cx: &mut Context<Self>, name: String) -> Result<()> {
///         cx.reply(format!("{} {name}, this is room {}", self.app.greeting, self.id))
///     }
/// }
///
/// async fn room(State(app): State<App>, Path(id): Path<u64>) -> Room {
///     Room { app, id }
/// }
///
/// let app = App { greeting: "hello" };
/// let routes = Router::with_state(app).route("/rooms/{id:int}", endpoint_with(room));
/// # let _ = routes;
/// ```
pub fn endpoint_with<S, M>(make: impl MakeHandler<S, M>) -> Endpoint<S>
where
    S: Clone + Send + Sync + 'static,
    M: 'static,
{
    Endpoint::new(MakeWith(make, PhantomData))
}

/// What a maker of handlers may give: a [`Handler`], or a `Result` of one whose error is an HTTP response.
#[diagnostic::on_unimplemented(
    message = "a maker of handlers cannot give `{Self}`",
    label = "neither a `Handler` nor a `Result` of one",
    note = "`endpoint_with` takes an `async fn` that gives `H` or `Result<H, R>` with `H: Handler`, `R: IntoResponse`"
)]
pub trait Made {
    /// The handler.
    type Handler: Handler;

    /// The handler, or the answer that the client gets instead of the upgrade.
    ///
    /// # Errors
    /// The maker's own.
    fn into_handler(self) -> Result<Self::Handler, Rejection>;
}

impl<H: Handler> Made for H {
    type Handler = H;

    fn into_handler(self) -> Result<H, Rejection> {
        Ok(self)
    }
}

impl<H: Handler, R: IntoResponse> Made for Result<H, R> {
    type Handler = H;

    fn into_handler(self) -> Result<H, Rejection> {
        self.map_err(|refusal| refusal.into_response().into())
    }
}

/// An async function of up to five extractors that gives a [`Handler`]: see [`endpoint_with`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot make handlers",
    label = "not a maker of handlers",
    note = "`endpoint_with` takes an `async fn` whose arguments are extractors (`sockeye::Path`, \
            `axum::extract::{{Query, State}}`, ...) and which gives `H` or `Result<H, R>` with `H: Handler`, \
            `R: IntoResponse`",
    note = "a handler that needs nothing of the request is made by a closure: `endpoint(|| MyHandler::new())`"
)]
pub trait MakeHandler<S, M>: Send + Sync + 'static {
    /// What it makes.
    type Handler: Handler;

    #[doc(hidden)]
    fn make<'a>(&'a self, parts: &'a mut Parts, state: &'a S) -> Making<'a, Self::Handler>;
}

type Making<'a, H> = Pin<Box<dyn Future<Output = Result<H, Rejection>> + Send + 'a>>;

struct MakeWith<F, M>(F, PhantomData<fn(M)>);

impl<S: Sync, M: 'static, F: MakeHandler<S, M>> Accept<S> for MakeWith<F, M> {
    fn accept<'a>(
        &'a self,
        parts: &'a mut Parts,
        handshake: &'a mut Handshake,
        state: &'a S,
    ) -> Accepted<'a> {
        Box::pin(async move {
            let handler = self.0.make(parts, state).await?;
            start(handler, handshake).await
        })
    }
}

async fn start<H: Handler>(mut handler: H, handshake: &mut Handshake) -> Result<Start, Rejection> {
    handler.on_handshake(handshake).await?;
    let start: Start = Box::new(move |admission| {
        let context = Context::new(admission.into_peer());
        Box::new(Running::new(handler, context))
    });
    Ok(start)
}

macro_rules! make {
    ($($extractor:ident),*) => {
        #[allow(non_snake_case, unused_variables, reason = "one macro for every number of arguments")]
        impl<S, F, Fut, Out, $($extractor,)*> MakeHandler<S, (Out, $($extractor,)*)> for F
        where
            S: Send + Sync + 'static,
            F: Fn($($extractor),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Out> + Send,
            Out: Made,
            $($extractor: FromRequestParts<S> + Send + 'static,)*
        {
            type Handler = Out::Handler;

            fn make<'a>(&'a self, parts: &'a mut Parts, state: &'a S) -> Making<'a, Out::Handler> {
                Box::pin(async move {
                    $(let $extractor = extract::<$extractor, S>(parts, state).await?;)*
                    let made = self($($extractor),*).await;
                    made.into_handler()
                })
            }
        }
    };
}

make!();
make!(T1);
make!(T1, T2);
make!(T1, T2, T3);
make!(T1, T2, T3, T4);
make!(T1, T2, T3, T4, T5);
