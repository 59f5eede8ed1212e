//! What the frameworks that came before promise, row by row: each test begins with the id of its row.

mod kui;
mod notes;
