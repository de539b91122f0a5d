//! Allowances: how much of a usage is free, and what several entitlements of one feature amount to
//! (spec 03 §5.10).
//!
//! Time-boxed grants are not here.

mod aggregate;
mod allowance;

pub use aggregate::{EntitlementRow, FeatureEntitlement, MeteredEntitlement, aggregate};
pub use allowance::{
    AllowanceCharge, AllowanceReset, AllowanceUsage, billable, bucketed_allowance_charge, prorated_limit,
};
