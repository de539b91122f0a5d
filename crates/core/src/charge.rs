//! The amount of an invoice line, in the order of its steps (spec 05 §5.3, spec 03 §5.4).
//!
//! Cost, allowance, proration and commitment are explained in their own modules; here is their order, and where it is
//! rounded.

use crate::commitment::{Commitment, CommitmentCharge};
use crate::entitlement::{AllowanceCharge, AllowanceUsage, billable, bucketed_allowance_charge};
use crate::pricing::Pricing;
use crate::{Currency, Decimal};

/// What a usage line may use for free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowance {
    /// Nothing: there is no entitlement.
    None,
    /// Everything.
    Unlimited,
    /// So much in each window of its reset period.
    UpTo(Decimal),
}

/// A line's usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineUsage {
    /// Cut as the allowance needs it.
    Quantity(AllowanceUsage),
    /// One value per bucket of the meter, and per group in it.
    Buckets(Vec<Decimal>),
}

/// The charge of a usage line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageLineCharge {
    /// Units charged and units covered by the allowance.
    pub quantity: AllowanceCharge,
    /// Price of the charged units, rounded; what a commitment is measured by.
    pub usage_amount: Decimal,
    /// The parts of the charge under the line's commitment, unrounded.
    pub commitment: Option<CommitmentCharge>,
    /// The line's amount, rounded.
    pub amount: Decimal,
}

/// A fixed line: `round(cost · share)`, where `share` is the part of the period it is charged for.
#[must_use]
pub fn fixed_line_amount(pricing: &Pricing, quantity: &Decimal, share: &Decimal, currency: &Currency) -> Decimal {
    currency.round(&(&pricing.cost(quantity) * share))
}

/// A usage line: the allowance first, then the price, rounded, then the line's own plain commitment, rounded. Windowed
/// commitments start from the buckets instead, see [`crate::commitment::WindowedCommitment`].
#[must_use]
pub fn usage_line_charge(
    pricing: &Pricing,
    allowance: &Allowance,
    usage: &LineUsage,
    commitment: Option<&Commitment>,
    currency: &Currency,
) -> UsageLineCharge {
    let (quantity, cost) = match usage {
        LineUsage::Quantity(usage) => {
            let quantity = after_allowance(allowance, usage);
            let cost = pricing.cost(&quantity.billable_quantity);
            (quantity, cost)
        }
        LineUsage::Buckets(buckets) => bucketed(pricing, allowance, buckets),
    };
    let usage_amount = currency.round(&cost);
    let commitment = commitment.map(|commitment| commitment.charge(&usage_amount));
    let amount = match &commitment {
        Some(charge) => currency.round(&charge.charge()),
        None => usage_amount.clone(),
    };
    UsageLineCharge {
        quantity,
        usage_amount,
        commitment,
        amount,
    }
}

fn after_allowance(allowance: &Allowance, usage: &AllowanceUsage) -> AllowanceCharge {
    match allowance {
        Allowance::None => billable(Some(&Decimal::zero()), usage),
        Allowance::Unlimited => billable(None, usage),
        Allowance::UpTo(limit) => billable(Some(limit), usage),
    }
}

fn bucketed(pricing: &Pricing, allowance: &Allowance, buckets: &[Decimal]) -> (AllowanceCharge, Decimal) {
    match allowance {
        Allowance::None => bucketed_allowance_charge(pricing, Some(&Decimal::zero()), buckets),
        Allowance::Unlimited => bucketed_allowance_charge(pricing, None, buckets),
        Allowance::UpTo(limit) => bucketed_allowance_charge(pricing, Some(limit), buckets),
    }
}
