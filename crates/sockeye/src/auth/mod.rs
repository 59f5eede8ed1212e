//! Authentication and permission: who a client is, and what it may do.

mod access;
mod authenticator;
mod basic;
mod carrier;
mod function;
mod identity;
mod list;
mod loader;
mod peer;
mod permission;
mod request;
mod rule;
mod ticket;
mod token;
mod user;

#[cfg(feature = "jwt")]
mod jwt;
#[cfg(feature = "sessions")]
mod session;

pub use access::Access;
pub(crate) use access::{permitted, signed_out};
pub use authenticator::{Authenticator, Recognized};
pub use basic::{BasicAuthenticator, basic};
use carrier::Shown;
pub(crate) use carrier::TokenOffered;
pub use identity::{Identity, IntoIdentity};
#[cfg(feature = "jwt")]
pub use jwt::{Verified, jwt};
pub use loader::{Loaded, Loader};
use peer::expired;
pub use permission::{AllowAny, IsAuthenticated, Permission};
pub(crate) use request::identify;
pub use rule::{Rule, rule};
#[cfg(feature = "sessions")]
pub use session::{SessionAuthenticator, session};
pub use ticket::Tickets;
pub use token::{
    TokenAuthenticator, api_key_cookie, api_key_header, api_key_query, bearer, bearer_subprotocol,
    token,
};
pub use user::{NoObject, NoUser, User};
