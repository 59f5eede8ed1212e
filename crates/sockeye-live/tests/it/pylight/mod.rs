//! What Pylight's users have, by the ids of its features.

mod endpoints;
mod events;
mod handlers;
mod rights;
