//! Known: who the client is and what it asks for, once that was found out.

use std::any::{Any, TypeId};
use std::sync::Arc;

use crate::handshake::Handshake;

/// A value of any type, shared.
pub(crate) type Anything = Arc<dyn Any + Send + Sync>;

/// What authentication and loading have found. It stays with the connection; a request that neither looked at has none.
#[derive(Default)]
pub(crate) struct Known {
    /// Of which type a user was looked for, found or not.
    pub(crate) asked: Option<fn() -> TypeId>,
    pub(crate) user: Option<Anything>,
    pub(crate) object: Option<Anything>,
    /// The user's place among the node's, given up when this is dropped.
    pub(crate) seat: Option<Box<dyn Any + Send + Sync>>,
}

impl Known {
    /// The same without the seat, of which there is one.
    pub(crate) fn copy(&self) -> Self {
        Self {
            asked: self.asked,
            user: self.user.clone(),
            object: self.object.clone(),
            seat: None,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.asked.is_none() && self.object.is_none()
    }
}

impl Handshake {
    /// Returns the user of type `U` whom authentication has found.
    #[must_use]
    pub fn user<U: 'static>(&self) -> Option<&U> {
        self.known()?.user.as_deref()?.downcast_ref()
    }

    /// Returns the object of type `O` that was loaded for the connection.
    #[must_use]
    pub fn object<O: 'static>(&self) -> Option<&O> {
        self.known()?.object.as_deref()?.downcast_ref()
    }

    pub(crate) fn known(&self) -> Option<&Known> {
        self.rare.as_ref().map(|rare| &rare.known)
    }

    pub(crate) fn known_mut(&mut self) -> &mut Known {
        &mut self.rare.get_or_insert_default().known
    }
}
