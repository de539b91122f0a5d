//! Allowances: how much of a usage is free, and what several entitlements of one feature amount to
//! (spec 03 §5.10).
//!
//! When grants are evaluated, and which usage they measure, is the engine's business.

mod aggregate;
mod allowance;
mod grant;
mod running;
mod search;
mod slot;
mod stretch;
mod turns;
mod usage_view;

pub use aggregate::{EntitlementRow, FeatureEntitlement, MeteredEntitlement, aggregate, most_frequent_reset};
pub use allowance::{
    AllowanceCharge, AllowanceReset, AllowanceUsage, ConsumedAllowance, billable, bucketed_allowance_charge,
    prorated_limit,
};
pub use grant::{GrantProgress, GrantStep, GrantUsage, GrantWindowTerms, NextGrant, grant_overage, overage_periods};
pub use running::RunningUsage;
pub use search::InstantSearch;
pub use slot::{GrantConfiguration, GrantSlot, grant_slots};
pub use stretch::StretchSearch;
pub use turns::{Turn, turns};
pub use usage_view::{NextReset, UsageViewSubscription, usage_ratio};
