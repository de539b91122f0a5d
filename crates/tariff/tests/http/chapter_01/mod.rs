//! Chapter 01 of the specification: its acceptance checks and its rules for fields and settings.

pub mod acceptance;
pub mod expansion;
pub mod groups;
pub mod passwords;
pub mod rules;
pub mod sync;
