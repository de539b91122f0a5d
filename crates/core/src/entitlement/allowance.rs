//! The billable rest of a usage after its allowance.

use crate::pricing::Pricing;
use crate::vocabulary::{BillingPeriod, UsageResetPeriod};
use crate::{BillingError, Decimal};

/// Over which windows an allowance is granted anew, seen from one billing period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowanceReset {
    /// Once per billing period; usage is needed as one total.
    BillingPeriod,
    /// Every local day; usage is needed per day.
    Day,
    /// Every month from the billing anchor; usage is needed per month.
    Month,
    /// Once for the subscription's life; usage is needed from its start.
    Never,
}

impl AllowanceReset {
    /// The windows for an entitlement's reset period under a billing period. Every combination that the table of
    /// spec 03 §5.10 does not name resets with the billing period.
    #[must_use]
    pub fn of(reset: Option<UsageResetPeriod>, billing: BillingPeriod) -> Self {
        match (reset, billing) {
            (Some(UsageResetPeriod::Daily), BillingPeriod::Daily)
            | (Some(UsageResetPeriod::Monthly), BillingPeriod::Monthly) => Self::BillingPeriod,
            (Some(UsageResetPeriod::Daily), _) => Self::Day,
            (Some(UsageResetPeriod::Monthly), _) => Self::Month,
            (Some(UsageResetPeriod::Never), _) => Self::Never,
            (
                Some(
                    UsageResetPeriod::Annual
                    | UsageResetPeriod::Weekly
                    | UsageResetPeriod::Quarterly
                    | UsageResetPeriod::HalfYearly,
                )
                | None,
                _,
            ) => Self::BillingPeriod,
        }
    }
}

/// A line's usage, cut as its [`AllowanceReset`] needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowanceUsage {
    /// One total of the line's period.
    Total(Decimal),
    /// One value per day or month of the line's period.
    Windows(Vec<Decimal>),
    /// Usage since the subscription's start, for an allowance that never resets.
    SinceStart {
        /// Up to the start of the line's period.
        before: Decimal,
        /// Up to the end of the line's period.
        through: Decimal,
    },
}

/// A usage split by an allowance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowanceCharge {
    /// What is left to price.
    pub billable_quantity: Decimal,
    /// What the allowance covered; `adjusted_entitlement_quantity` on the line.
    pub covered_quantity: Decimal,
}

/// Splits a usage by an allowance of `limit` per window; `None` is unlimited (spec 03 §5.10). An allowance that never
/// resets counts once over the subscription's life (Q4).
#[must_use]
pub fn billable(limit: Option<&Decimal>, usage: &AllowanceUsage) -> AllowanceCharge {
    let raw = match usage {
        AllowanceUsage::Total(total) => total.clone(),
        AllowanceUsage::Windows(windows) => windows.iter().sum(),
        AllowanceUsage::SinceStart { before, through } => through - before,
    };
    let billable_quantity = match (limit, usage) {
        (None, _) => Decimal::zero(),
        (Some(limit), AllowanceUsage::Total(total)) => excess(total, limit),
        (Some(limit), AllowanceUsage::Windows(windows)) => windows.iter().map(|used| excess(used, limit)).sum(),
        (Some(limit), AllowanceUsage::SinceStart { before, through }) => excess(through, limit) - excess(before, limit),
    };
    AllowanceCharge {
        covered_quantity: (&raw - &billable_quantity).floor_at_zero(),
        billable_quantity,
    }
}

/// The unrounded cost of bucketed usage under an allowance: buckets are priced one by one unless the allowance covers
/// a part, which re-prices the remaining total as one quantity (spec 03 §5.10).
#[must_use]
pub fn bucketed_allowance_charge(
    pricing: &Pricing,
    limit: Option<&Decimal>,
    buckets: &[Decimal],
) -> (AllowanceCharge, Decimal) {
    let cost = pricing.bucketed_cost(buckets);
    let charge = billable(limit, &AllowanceUsage::Total(cost.quantity.clone()));
    if charge.billable_quantity == cost.quantity {
        (charge, cost.amount)
    } else {
        let amount = pricing.cost(&charge.billable_quantity);
        (charge, amount)
    }
}

/// A limit for a short first period: `limit · coefficient`, rounded half away from zero to a whole number
/// (spec 03 §5.10, spec 04 §4.15).
///
/// # Errors
/// [`BillingError::OutOfRange`] if the result exceeds 64 bits.
pub fn prorated_limit(limit: i64, coefficient: &Decimal) -> Result<i64, BillingError> {
    let scaled = (&Decimal::from(limit) * coefficient).round(0);
    scaled
        .to_plain_string()
        .parse()
        .map_err(|_| BillingError::OutOfRange("usage_limit"))
}

fn excess(used: &Decimal, limit: &Decimal) -> Decimal {
    (used - limit).floor_at_zero()
}
