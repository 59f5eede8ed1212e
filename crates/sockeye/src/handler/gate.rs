//! Gate: all that an endpoint has decided about who gets in, at work on a request.

use std::borrow::Cow;
use std::sync::Arc;

use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use crate::auth::TokenOffered;
use crate::config::Choice;
use crate::group::Seat;
use crate::handler::endpoint::{Accept, Start};
use crate::handler::hook::{Asked, ErasedHook};
use crate::handler::recheck::Again;
use crate::handshake::{Handshake, OriginPolicy, Rejection};
use crate::socket::Site;

/// All that was decided about an endpoint, whatever its types.
pub(crate) struct Gate<S> {
    pub(crate) accept: Arc<dyn Accept<S>>,
    pub(crate) hooks: Arc<[Arc<dyn ErasedHook<S>>]>,
    /// What a 401 says of the schemes in use.
    pub(crate) challenge: Option<HeaderValue>,
    pub(crate) anonymous: bool,
    pub(crate) options: Choice,
    pub(crate) origin: OriginPolicy,
    pub(crate) subprotocols: Vec<Cow<'static, str>>,
}

impl<S: Clone + Send + Sync + 'static> Gate<S> {
    /// The answer to a request: how the handler starts, or how the client is refused.
    pub(crate) async fn admit(
        &self,
        parts: &mut Parts,
        handshake: &mut Handshake,
        state: &S,
        site: &Site,
    ) -> Result<Start, Rejection> {
        let judged = async {
            self.origin.check(handshake)?;
            let anonymous = self.anonymous;
            let mut asked = Asked {
                parts,
                handshake,
                state,
                hub: &site.hub,
                anonymous,
            };
            for hook in &*self.hooks {
                hook.run(asked.again()).await?;
            }
            let start = self.accept.accept(parts, handshake, state).await?;
            self.choose_subprotocol(parts, handshake)?;
            self.keep_for_recheck(parts, handshake, state, site);
            Ok(start)
        };
        judged.await.map_err(|rejection| self.challenged(rejection))
    }

    fn choose_subprotocol(
        &self,
        parts: &Parts,
        handshake: &mut Handshake,
    ) -> Result<(), Rejection> {
        if handshake.subprotocol().is_some() {
            return Ok(());
        }
        let speaks = |name: &&Cow<'static, str>| {
            let mut offered = handshake.offered_subprotocols();
            offered.any(|offered| offered == **name)
        };
        if let Some(name) = self.subprotocols.iter().find(speaks) {
            return Ok(handshake.accept_subprotocol(name)?);
        }
        // A browser takes no answer without a choice for one.
        match parts.extensions.get::<TokenOffered>() {
            Some(_) => Err(Rejection::bad_request(format!(
                "offer a subprotocol of this endpoint beside the one that carries the token: {}",
                self.subprotocols.join(", ")
            ))),
            None => Ok(()),
        }
    }

    /// Leaves with the user's seat what is asked again when the user is rechecked.
    fn keep_for_recheck(&self, parts: &Parts, handshake: &Handshake, state: &S, site: &Site) {
        let Some(seat) = Seat::of(handshake) else {
            return;
        };
        if self.hooks.iter().any(|hook| hook.is_asked_again()) {
            seat.set_recheck(Arc::new(Again {
                hooks: Arc::clone(&self.hooks),
                handshake: handshake.copy(),
                extensions: parts.extensions.clone(),
                state: state.clone(),
                timeout: site.options.handshake_timeout,
            }));
        }
    }

    /// Adds to a 401 what HTTP wants there (RFC 9110 section 15.5.2).
    fn challenged(&self, rejection: Rejection) -> Rejection {
        let lacks = rejection.status() == StatusCode::UNAUTHORIZED
            && !rejection.headers().contains_key(WWW_AUTHENTICATE);
        match self.challenge.clone().filter(|_| lacks) {
            Some(challenge) => rejection.with_header(WWW_AUTHENTICATE, challenge),
            None => rejection,
        }
    }
}

impl<S> Clone for Gate<S> {
    fn clone(&self) -> Self {
        Self {
            accept: Arc::clone(&self.accept),
            hooks: Arc::clone(&self.hooks),
            challenge: self.challenge.clone(),
            anonymous: self.anonymous,
            options: self.options.clone(),
            origin: self.origin.clone(),
            subprotocols: self.subprotocols.clone(),
        }
    }
}
