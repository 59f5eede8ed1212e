//! What Pylight's users have, by the ids of its features.

mod configuration;
mod endpoints;
mod events;
mod handlers;
mod rights;
