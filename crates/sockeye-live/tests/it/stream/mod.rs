//! The stream of changes: snapshots that join it, views and what they cost, resuming, rights that change.

mod cost;
mod requests;
mod resume;
pub(crate) mod rights;
mod snapshots;
mod views;
