//! What the frameworks that came before promise, row by row: each test begins with the id of its row.

mod auth;
mod chanx;
mod kit;
mod known;
mod kui;
mod messages;
mod methods;
mod notes;
mod pylight;
mod refusal;
mod routes;
