//! Authentication: one list of authenticators for REST and sockets.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use axum::http::HeaderValue;
use axum::http::request::Parts;
use sea_orm::DatabaseConnection;
use sockeye::{Authenticator, Endpoint, Handshake, Identity, IntoEndpoint, Rejection, User};

type Judged<'a> = Pin<Box<dyn Future<Output = Result<(), Rejection>> + Send + 'a>>;

/// How users are recognised, whatever their type; nobody is where there is no way.
#[derive(Clone)]
pub(crate) struct Authentication(Option<Arc<dyn Asked>>);

impl Authentication {
    pub(crate) fn none() -> Self {
        Self(None)
    }

    pub(crate) fn new<M: 'static>(
        authenticator: impl Authenticator<DatabaseConnection, M>,
    ) -> Self {
        let shared = Shared(Arc::new(authenticator), PhantomData);
        Self(Some(Arc::new(shared)))
    }

    /// Whether anybody can sign in.
    pub(crate) fn has_users(&self) -> bool {
        self.0.is_some()
    }

    /// Leaves in the handshake who sent a plain request; nobody when it shows no credentials.
    ///
    /// # Errors
    /// The answer to a request whose credentials are refused.
    pub(crate) async fn identify(
        &self,
        handshake: &mut Handshake,
        parts: &mut Parts,
        database: &DatabaseConnection,
    ) -> Result<(), Rejection> {
        match &self.0 {
            Some(asked) => asked.identify(handshake, parts, database).await,
            None => Ok(()),
        }
    }

    /// The same for the connections of an endpoint.
    pub(crate) fn guard(
        &self,
        endpoint: Endpoint<DatabaseConnection>,
    ) -> Endpoint<DatabaseConnection> {
        match &self.0 {
            Some(asked) => asked.guard(endpoint),
            None => endpoint,
        }
    }

    /// What a 401 says of the schemes that are taken.
    pub(crate) fn challenge(&self) -> Option<HeaderValue> {
        let challenges = self.0.as_ref()?.challenges();
        let texts: Vec<_> = challenges.iter().map(HeaderValue::as_bytes).collect();
        let all = texts.join(&b", "[..]);
        HeaderValue::from_bytes(&all)
            .ok()
            .filter(|all| !all.is_empty())
    }

    /// Whom the application knows the user as.
    pub(crate) fn user_id(&self, handshake: &Handshake) -> Option<String> {
        self.0.as_ref()?.user_id(handshake)
    }
}

/// An authenticator of any type, of users of any type.
trait Asked: Send + Sync {
    fn identify<'a>(
        &'a self,
        handshake: &'a mut Handshake,
        parts: &'a mut Parts,
        database: &'a DatabaseConnection,
    ) -> Judged<'a>;

    fn guard(&self, endpoint: Endpoint<DatabaseConnection>) -> Endpoint<DatabaseConnection>;

    fn challenges(&self) -> Vec<HeaderValue>;

    fn user_id(&self, handshake: &Handshake) -> Option<String>;
}

/// One authenticator for all models.
struct Shared<A, M>(Arc<A>, PhantomData<fn(M)>);

impl<A, M> Clone for Shared<A, M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), PhantomData)
    }
}

impl<M: 'static, A: Authenticator<DatabaseConnection, M>> Authenticator<DatabaseConnection>
    for Shared<A, M>
{
    type User = A::User;

    async fn authenticate(
        &self,
        handshake: &Handshake,
        parts: &mut Parts,
        database: &DatabaseConnection,
    ) -> Result<Option<Identity<A::User>>, Rejection> {
        self.0.authenticate(handshake, parts, database).await
    }

    fn challenges(&self) -> Vec<HeaderValue> {
        self.0.challenges()
    }
}

impl<M: 'static, A: Authenticator<DatabaseConnection, M>> Asked for Shared<A, M> {
    fn identify<'a>(
        &'a self,
        handshake: &'a mut Handshake,
        parts: &'a mut Parts,
        database: &'a DatabaseConnection,
    ) -> Judged<'a> {
        Box::pin(handshake.authenticate(self, parts, database))
    }

    fn guard(&self, endpoint: Endpoint<DatabaseConnection>) -> Endpoint<DatabaseConnection> {
        // Those who are nobody are for the permissions to judge.
        endpoint
            .authenticate(self.clone())
            .allow_anonymous()
            .into_endpoint()
    }

    fn challenges(&self) -> Vec<HeaderValue> {
        self.0.challenges()
    }

    fn user_id(&self, handshake: &Handshake) -> Option<String> {
        let user = handshake.user::<A::User>()?;
        Some(user.user_id().into_owned())
    }
}
