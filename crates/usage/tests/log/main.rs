//! The event log as its users see it: what was acknowledged is there, once, in its last delivery.

#![allow(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod concurrency;
mod crash;
mod deduplication;
mod listing;
mod oracle;
mod support;
mod usage;
