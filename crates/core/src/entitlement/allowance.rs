//! The billable rest of a usage after its allowance.

use std::collections::BTreeMap;

use jiff::Timestamp;

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
    /// The windows for an entitlement's reset period under a billing period of `billing_count` units. Every combination
    /// that the table of spec 03 §5.10 does not name resets with the billing period. Three months at a time are no month:
    /// a monthly allowance then counts for each of them.
    #[must_use]
    pub fn of(reset: Option<UsageResetPeriod>, billing: BillingPeriod, billing_count: i64) -> Self {
        match (reset, billing) {
            (Some(UsageResetPeriod::Daily), BillingPeriod::Daily)
            | (Some(UsageResetPeriod::Monthly), BillingPeriod::Monthly)
                if billing_count == 1 =>
            {
                Self::BillingPeriod
            }
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
    /// One value per day or month of the line's period, by what names the whole day or month.
    Windows(Vec<(Timestamp, Decimal)>),
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
    ConsumedAllowance::default().charge(limit, usage)
}

/// What lines that succeed one another in a period have used of one allowance. They use it up once, in time order (Q27).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsumedAllowance {
    total: Decimal,
    windows: BTreeMap<Timestamp, Decimal>,
}

impl ConsumedAllowance {
    /// As [`billable`], for the next line.
    pub fn charge(&mut self, limit: Option<&Decimal>, usage: &AllowanceUsage) -> AllowanceCharge {
        let (raw, billable_quantity) = match usage {
            AllowanceUsage::Total(total) => (total.clone(), consume(&mut self.total, limit, total)),
            AllowanceUsage::Windows(windows) => {
                let raw = windows.iter().map(|(_, used)| used).sum();
                let consumed = &mut self.windows;
                let billable = windows
                    .iter()
                    .map(|(window, used)| consume(consumed.entry(*window).or_default(), limit, used));
                (raw, billable.sum())
            }
            // What was used before the line includes what the lines before it have billed.
            AllowanceUsage::SinceStart { before, through } => {
                let billable = limit.map(|limit| excess(through, limit) - excess(before, limit));
                (through - before, billable.unwrap_or_default())
            }
        };
        AllowanceCharge {
            covered_quantity: (&raw - &billable_quantity).floor_at_zero(),
            billable_quantity,
        }
    }

    /// As [`bucketed_allowance_charge`], for the next line.
    pub fn charge_buckets(
        &mut self,
        pricing: &Pricing,
        limit: Option<&Decimal>,
        buckets: &[Decimal],
    ) -> (AllowanceCharge, Decimal) {
        let cost = pricing.bucketed_cost(buckets);
        let charge = self.charge(limit, &AllowanceUsage::Total(cost.quantity.clone()));
        if charge.billable_quantity == cost.quantity {
            (charge, cost.amount)
        } else {
            let amount = pricing.cost(&charge.billable_quantity);
            (charge, amount)
        }
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
    ConsumedAllowance::default().charge_buckets(pricing, limit, buckets)
}

/// Adds `used` to what is consumed and returns the part of it beyond the limit.
fn consume(consumed: &mut Decimal, limit: Option<&Decimal>, used: &Decimal) -> Decimal {
    let before = consumed.clone();
    *consumed += used;
    limit.map_or_else(Decimal::zero, |limit| excess(consumed, limit) - excess(&before, limit))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn successive_lines_use_an_allowance_up_once() {
        let limit = decimal("100");
        let mut consumed = ConsumedAllowance::default();
        let mut next = |used: &str| {
            let charge = consumed.charge(Some(&limit), &AllowanceUsage::Total(decimal(used)));
            (charge.billable_quantity, charge.covered_quantity)
        };
        assert_eq!(next("60"), (decimal("0"), decimal("60")));
        assert_eq!(next("70.5"), (decimal("30.5"), decimal("40")));
        assert_eq!(next("5"), (decimal("5"), decimal("0")));
    }

    #[test]
    fn only_the_window_in_which_one_line_succeeds_another_is_shared() {
        let limit = decimal("10");
        let (monday, tuesday, wednesday) = (
            at("2025-03-03T00:00:00Z"),
            at("2025-03-04T00:00:00Z"),
            at("2025-03-05T00:00:00Z"),
        );
        let mut consumed = ConsumedAllowance::default();
        let mut next = |windows: &[(Timestamp, &str)]| {
            let windows = windows.iter().map(|(start, used)| (*start, decimal(used)));
            let usage = AllowanceUsage::Windows(windows.collect());
            consumed.charge(Some(&limit), &usage).billable_quantity
        };
        assert_eq!(next(&[(monday, "15"), (tuesday, "6")]), decimal("5"));
        assert_eq!(next(&[(tuesday, "6"), (wednesday, "10")]), decimal("2"));
    }

    #[test]
    fn buckets_after_the_allowance_is_used_up_are_priced_one_by_one() {
        let pricing = Pricing::FlatFee { amount: decimal("2") };
        let mut consumed = ConsumedAllowance::default();
        let limit = decimal("10");
        let (first, amount) = consumed.charge_buckets(&pricing, Some(&limit), &[decimal("9"), decimal("3")]);
        assert_eq!((first.billable_quantity, amount), (decimal("2"), decimal("4")));
        let (second, amount) = consumed.charge_buckets(&pricing, Some(&limit), &[decimal("1"), decimal("1")]);
        assert_eq!((second.covered_quantity, amount), (decimal("0"), decimal("4")));
    }

    #[test]
    fn an_unlimited_allowance_covers_every_line() {
        let mut consumed = ConsumedAllowance::default();
        for used in ["5", "7"] {
            let charge = consumed.charge(None, &AllowanceUsage::Total(decimal(used)));
            assert_eq!(
                (charge.billable_quantity, charge.covered_quantity),
                (decimal("0"), decimal(used))
            );
        }
    }
}
