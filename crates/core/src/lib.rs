//! The vocabulary and mathematics of billing.
//!
//! Everything in this crate is pure: no I/O, no `async`, no wall clock, no global state, no binary floats.
//! Whoever needs a number of Tariff (a price, a period, a discount, a total) asks here, so that each formula
//! stands once and is checked against the shared vectors.
//!
//! | Question | Module |
//! |---|---|
//! | How much was used? | [`aggregation`] |
//! | What is free of it? | [`entitlement`] |
//! | What does a quantity cost? | [`pricing`], [`commitment`], [`charge`] |
//! | What does usage cost, over time? | [`usage_cost`] |
//! | When does a period begin and end? | [`calendar`] |
//! | What does a change inside a period cost? | [`proration`] |
//! | What does an invoice come to? | [`discount`], [`tax`], [`invoice`] |
//! | What happens to an invoice afterwards? | [`payment`], [`credit_note`] |
//! | What is in a wallet? | [`credits`], [`alert`] |
//!
//! Refusals are one enum, [`BillingError`]; the decisions on open questions are in `docs/decisions.md`.

#![deny(missing_docs, clippy::float_arithmetic)]

#[allow(
    clippy::float_arithmetic,
    reason = "expressions are defined on doubles (spec 02); tests/purity.rs keeps floats inside them"
)]
pub mod aggregation;
pub mod alert;
pub mod calendar;
pub mod charge;
pub mod clock;
pub mod commitment;
pub mod cost;
pub mod credit_note;
pub mod credits;
pub mod currency;
pub mod decimal;
pub mod discount;
pub mod entitlement;
pub mod error;
pub mod id;
pub mod invoice;
pub mod payment;
pub mod pricing;
pub mod proration;
pub mod scope;
pub mod tax;
pub mod usage_cost;
pub mod vocabulary;

pub use calendar::{Period, Schedule};
pub use clock::Clock;
pub use currency::Currency;
pub use decimal::Decimal;
pub use error::{BillingError, ErrorKind};
pub use id::IdPrefix;
pub use jiff::{SignedDuration, Timestamp};
pub use pricing::Pricing;
pub use scope::Scope;
pub use vocabulary::Status;
