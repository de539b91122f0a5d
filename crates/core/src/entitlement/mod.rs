//! Allowances: how much of a usage is free, and what several entitlements of one feature amount to
//! (spec 03 §5.10).
//!
//! When grants are evaluated, and which usage they measure, is the engine's business.

mod aggregate;
mod allowance;
mod grant;
mod usage_view;

pub use aggregate::{EntitlementRow, FeatureEntitlement, MeteredEntitlement, aggregate};
pub use allowance::{
    AllowanceCharge, AllowanceReset, AllowanceUsage, billable, bucketed_allowance_charge, prorated_limit,
};
pub use grant::{GrantUsage, GrantWindowTerms, grant_overage, overage_periods};
pub use usage_view::{NextReset, UsageViewSubscription, usage_ratio};
