//! Laws of billing, checked on random inputs, and comparisons with slow, obvious calculations in exact fractions.
//!
//! `PROPTEST_CASES` sets the number of cases of each law (default 10,000).

// Tests may panic; clippy.toml allows it in functions marked as tests, these macros make helpers of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod calendar;
mod commitment;
mod credits;
mod discount;
mod inputs;
mod invoice;
mod oracle;
mod payment;
mod pricing;
mod proration;
