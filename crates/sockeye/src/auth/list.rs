//! Lists: authenticators that are tried in order.

use http::HeaderValue;
use http::request::Parts;

use crate::auth::{Authenticator, Identity, User};
use crate::handshake::{Handshake, Rejection};

/// Marks lists among authenticators.
#[derive(Debug)]
pub struct InOrder<M>(std::marker::PhantomData<M>);

macro_rules! list {
    ($($authenticator:ident $marker:ident),+) => {
        #[allow(non_snake_case, reason = "one macro for every number of authenticators")]
        impl<S, U, $($authenticator, $marker),+> Authenticator<S, InOrder<(U, $($marker,)+)>> for ($($authenticator,)+)
        where
            S: Sync,
            U: User,
            $($authenticator: Authenticator<S, $marker, User = U>,)+
        {
            type User = U;

            async fn authenticate(
                &self,
                handshake: &Handshake,
                parts: &mut Parts,
                state: &S,
            ) -> Result<Option<Identity<U>>, Rejection> {
                let ($($authenticator,)+) = self;
                $(
                    let found = $authenticator.authenticate(handshake, parts, state).await?;
                    if found.is_some() {
                        return Ok(found);
                    }
                )+
                Ok(None)
            }

            fn challenges(&self) -> Vec<HeaderValue> {
                let ($($authenticator,)+) = self;
                let mut challenges = Vec::new();
                $(challenges.extend($authenticator.challenges());)+
                challenges
            }
        }
    };
}

list!(A1 M1);
list!(A1 M1, A2 M2);
list!(A1 M1, A2 M2, A3 M3);
list!(A1 M1, A2 M2, A3 M3, A4 M4);
list!(A1 M1, A2 M2, A3 M3, A4 M4, A5 M5);
list!(A1 M1, A2 M2, A3 M3, A4 M4, A5 M5, A6 M6);
