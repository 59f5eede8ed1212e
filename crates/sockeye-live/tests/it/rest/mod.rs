//! REST: a small shop, asked by plain HTTP.

mod client;
mod crud;
mod hostile;
mod models;
mod openapi;
mod queries;
mod rights;
mod schemathesis;
mod shop;
