//! Audience: which members of a topic a publication is for, and which of them are its sender's.

use std::sync::Arc;

use crate::engine::link::Link;

/// Everybody, unless it says otherwise.
#[derive(Clone, Default)]
pub(crate) struct Audience {
    /// Who does not get it.
    pub(crate) except: Option<Arc<Link>>,
    /// The connections of a marked message's sender, and of its user: they get forms of their own.
    pub(crate) own: Option<Arc<[Arc<Link>]>>,
    /// Whether the members' handlers get it, and not their clients.
    pub(crate) handlers: bool,
}
