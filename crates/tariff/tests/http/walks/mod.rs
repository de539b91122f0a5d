//! Walks over the whole surface: every route by every kind of caller, and every id as somebody else's.
//!
//! What is walked comes from tables and from the served document, so a new route is walked without a word here, or fails
//! the walk until the table knows it.

pub mod callers;
pub mod foreign;
pub mod ids;
pub mod isolation;
pub mod roles;
pub mod routes;
pub mod world;
