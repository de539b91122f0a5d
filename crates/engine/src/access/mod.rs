//! Who is calling, and what they may do (spec 01 A2–A4).

pub mod authenticate;
pub mod bootstrap;
pub mod keys;
pub mod password;
pub mod portal;
pub mod roles;
pub(crate) mod throttle;
pub mod tokens;

/// No role of this id exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no role of this id exists")]
pub struct UnknownRole;
