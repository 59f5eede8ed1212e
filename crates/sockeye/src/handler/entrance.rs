//! Entrance: what an endpoint asks of clients before it lets them in: who they are, what they want, whether they may.

use std::marker::PhantomData;
use std::sync::Arc;

use http::HeaderValue;

use crate::auth::{Authenticator, Loader, Permission, User, identify, permitted, signed_out};
use crate::handler::Endpoint;
use crate::handler::hook::{Asked, ErasedHook, Ran};
use crate::handshake::Rejection;

impl<S: Clone + Send + Sync + 'static, U, O> Endpoint<S, U, O> {
    /// Finds out who the client is, in order with the hooks: by one authenticator, or by a tuple of up to six, of which the
    /// first that recognises the client counts. An [`Authenticator`] is an async function of extractors, a type of one's
    /// own, or one of those that are there.
    ///
    /// The user reaches handlers by [`Peer::user`](crate::Peer::user), hooks and functions after this as
    /// `axum::Extension<U>`, permissions by their [`Access`](crate::Access). A client that nobody recognises is refused with
    /// 401, which names the schemes of HTTP that are in use, unless [`allow_anonymous`](Self::allow_anonymous) lets it in.
    ///
    /// ```
    /// use axum::http::HeaderMap;
    /// use sockeye::{Context, Handler, Rejection, Result, bearer, endpoint};
    ///
    /// struct Chat;
    ///
    /// impl Handler for Chat {
    ///     type Incoming = String;
    ///     type Outgoing = String;
    ///
    ///     async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
    ///         let name: &String = cx.user()?;
    ///         cx.reply(format!("hello {name}"))
    ///     }
    /// }
    ///
    /// async fn by_token(token: String) -> Result<Option<String>, Rejection> {
    ///     Ok(None) // look it up
    /// }
    ///
    /// async fn by_certificate(headers: HeaderMap) -> Option<String> {
    ///     headers.get("x-client-name")?.to_str().ok().map(str::to_owned)
    /// }
    ///
    /// let chat = endpoint(|| Chat).authenticate((bearer(by_token), by_certificate));
    /// # let _ = sockeye::Router::<()>::new().route("/chat", chat);
    /// ```
    #[must_use]
    pub fn authenticate<M: 'static, A: Authenticator<S, M>>(
        mut self,
        authenticator: A,
    ) -> Endpoint<S, A::User, O> {
        self.gate.challenge = challenge(&authenticator.challenges());
        self.push(Arc::new(Authenticate(authenticator, PhantomData)));
        self.about()
    }

    /// Fetches the object that the connection is about, in order with the hooks: by an async function of up to five
    /// extractors that gives `Option<T>` or `Result<Option<T>, R>`. `None` refuses with 404.
    ///
    /// It reaches handlers by [`Peer::object`](crate::Peer::object), hooks and functions after this as `axum::Extension<T>`,
    /// permissions after this by their [`Access`](crate::Access).
    ///
    /// ```
    /// use axum::Extension;
    /// use sockeye::{Access, Endpoint, IntoEndpoint, Path, Result, WebSocket, bearer};
    ///
    /// #[derive(Clone)]
    /// struct Room { members: Vec<u64> }
    ///
    /// async fn account(token: String) -> Option<u64> {
    ///     token.parse().ok() // look it up
    /// }
    ///
    /// async fn room(Path(name): Path<String>) -> Option<Room> {
    ///     (name == "lobby").then(|| Room { members: vec![7] })
    /// }
    ///
    /// async fn is_member(access: &Access<'_, u64, Room>) -> Result<bool> {
    ///     Ok(access.user.is_some_and(|user| access.object.members.contains(user)))
    /// }
    ///
    /// async fn chat(Extension(room): Extension<Room>, socket: WebSocket) {
    ///     socket.send(format!("{} members", room.members.len()));
    /// }
    ///
    /// let endpoint = chat.authenticate(bearer(account)).load(room).permit(is_member);
    /// # let _: Endpoint<(), u64, Room> = endpoint;
    /// ```
    #[must_use]
    pub fn load<M: 'static, L: Loader<S, M>>(mut self, loader: L) -> Endpoint<S, U, L::Object> {
        self.push(Arc::new(Load(loader, PhantomData)));
        self.about()
    }
}

impl<S, U, O> Endpoint<S, U, O>
where
    S: Clone + Send + Sync + 'static,
    U: Sync + 'static,
    O: Sync + 'static,
{
    /// Asks whether the client may connect, in order with the hooks: a [`Permission`] for the users and the object of this
    /// endpoint. Refuses with 401 when nobody is signed in, else with 403.
    ///
    /// Asked again by [`UserConnections::recheck`](crate::UserConnections::recheck).
    #[must_use]
    pub fn permit(mut self, permission: impl Permission<U, O>) -> Self {
        self.push(Arc::new(Permit::<_, U, O>(permission, PhantomData)));
        self
    }
}

impl<S: Clone + Send + Sync + 'static, U, O> Endpoint<S, U, O> {
    /// Lets clients in that show no credentials: [`Peer::user`](crate::Peer::user) is an error for them, and permissions see
    /// `None`. Who shows some that are not known is still refused with 401, but for cookies and sessions, which browsers
    /// send unasked.
    #[must_use]
    pub fn allow_anonymous(mut self) -> Self
    where
        U: User,
    {
        self.gate.anonymous = true;
        self
    }
}

/// Finds out who the client is, and gives it a seat among the user's.
struct Authenticate<A, M>(A, PhantomData<fn(M)>);

impl<S, M, A> ErasedHook<S> for Authenticate<A, M>
where
    S: Send + Sync,
    A: Authenticator<S, M>,
{
    fn run<'a>(&'a self, asked: Asked<'a, S>) -> Ran<'a> {
        let Asked {
            parts,
            handshake,
            state,
            hub,
            anonymous,
        } = asked;
        Box::pin(async move {
            let Some(identity) = identify(&self.0, handshake, parts, state).await? else {
                return match anonymous {
                    true => Ok(()),
                    false => Err(signed_out().into()),
                };
            };
            let expires = identity.expires();
            let user = identity.into_user();
            let known = handshake.known_mut();
            let seat = hub.users().enter(&user.user_id(), expires);
            known.seat = Some(Box::new(seat));
            parts.extensions.insert(user.clone());
            known.user = Some(Arc::new(user));
            Ok(())
        })
    }
}

/// Fetches the object that the connection is about.
struct Load<L, M>(L, PhantomData<fn(M)>);

impl<S, M, L> ErasedHook<S> for Load<L, M>
where
    S: Send + Sync,
    L: Loader<S, M>,
{
    fn run<'a>(&'a self, asked: Asked<'a, S>) -> Ran<'a> {
        let Asked {
            parts,
            handshake,
            state,
            ..
        } = asked;
        Box::pin(async move {
            let Some(object) = self.0.load(parts, state).await? else {
                return Err(Rejection::not_found("there is no such thing"));
            };
            parts.extensions.insert(object.clone());
            handshake.known_mut().object = Some(Arc::new(object));
            Ok(())
        })
    }

    fn is_asked_again(&self) -> bool {
        true
    }
}

/// Asks whether the user may be here.
struct Permit<P, U, O>(P, PhantomData<fn(U, O)>);

impl<S, U, O, P> ErasedHook<S> for Permit<P, U, O>
where
    U: Sync + 'static,
    O: Sync + 'static,
    P: Permission<U, O>,
{
    fn run<'a>(&'a self, asked: Asked<'a, S>) -> Ran<'a> {
        let handshake = asked.handshake;
        Box::pin(async move { Ok(permitted::<U, O, P>(handshake, &self.0).await?) })
    }

    fn is_asked_again(&self) -> bool {
        true
    }
}

/// What a 401 says of the schemes that authenticators take, in one header.
fn challenge(challenges: &[HeaderValue]) -> Option<HeaderValue> {
    let texts: Vec<_> = challenges.iter().map(HeaderValue::as_bytes).collect();
    let all = texts.join(&b", "[..]);
    HeaderValue::from_bytes(&all)
        .ok()
        .filter(|all| !all.is_empty())
}
