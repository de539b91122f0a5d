//! Entitlement grants: the time-boxed allowances that grant-configured entitlements open (spec 03 §3.6, §5.11).
//!
//! Owns their records: opening a window, exhausting it once, closing it once. Which windows there are, and what was used
//! in them, is told by `billing::grants` from the events; so an evaluation may run at any time, twice, or die half-way,
//! and ends in the same place.

mod evaluate;
mod record;

pub(crate) use evaluate::{evaluate, last_instant};
