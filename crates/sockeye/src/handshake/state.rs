//! Typed values that travel with a handshake.

use http::Extensions;

/// Typed values that travel with a handshake and its connection, at most one of each type.
///
/// What a handshake hook or an authenticator has learnt (the loaded object, the user's session)
/// reaches the handler this way. Wrap common types such as `String` in one of your own, so that two
/// parts of a program do not take the same place.
#[derive(Clone, Debug, Default)]
pub struct State(Extensions);

impl State {
    /// Returns the value of type `T`.
    #[must_use]
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.get()
    }

    /// Returns the value of type `T` for change.
    #[must_use]
    pub fn get_mut<T: Send + Sync + 'static>(&mut self) -> Option<&mut T> {
        self.0.get_mut()
    }

    /// Puts a value in the place of its type, and returns the one that was there.
    pub fn set<T: Clone + Send + Sync + 'static>(&mut self, value: T) -> Option<T> {
        self.0.insert(value)
    }

    /// Takes the value of type `T` out.
    pub fn remove<T: Send + Sync + 'static>(&mut self) -> Option<T> {
        self.0.remove()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Room(&'static str);

    #[test]
    fn a_value_is_set_changed_replaced_and_removed_by_its_type() {
        let mut state = State::default();
        assert_eq!(state.get::<Room>(), None);
        assert_eq!(state.set(Room("lobby")), None);
        state.set(7_u8);
        assert_eq!(state.set(Room("garden")), Some(Room("lobby")));
        state.get_mut::<Room>().unwrap().0 = "roof";
        assert_eq!(state.get(), Some(&Room("roof")));
        assert_eq!(state.remove(), Some(Room("roof")));
        assert_eq!(state.get::<Room>(), None);
        assert_eq!(state.get(), Some(&7_u8));
    }
}
