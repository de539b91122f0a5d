//! Bad input to the catalog: every member of every request, by the kind of mistake (spec 03 §3, §4; spec 01 A1, A5).
//! Each gets the standard error body, and nothing is left half-written.

pub mod decimals;
pub mod limits;
pub mod lists;
pub mod refusals;
mod stock;
pub mod types;
