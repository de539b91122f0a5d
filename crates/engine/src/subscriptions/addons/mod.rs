//! Addons on subscriptions: attaching, detaching, listing (spec 03 §4.3, spec 04 §3.7).
//!
//! Owns what an attachment does to a subscription's lines. Which attachments count when is `crate::addons`'s.

mod attach;
mod charge;
mod detach;
mod find;
mod response;

pub(super) use attach::{attach_all, check};
