//! Time-boxed allowances: the windows of entitlement grants, and usage beyond them (spec 03 §5.11).

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::calendar::{Period, Schedule, advance, local_midnight_of, monday_midnight_of};
use crate::vocabulary::{BillingPeriod, EntitlementGrantAllocationBehavior, EntitlementGrantDurationUnit};
use crate::{BillingError, Decimal};

/// A window that would end less than this before the billing period lasts until its end.
const SHORTEST_REST: SignedDuration = SignedDuration::from_hours(1);

/// How long a grant lasts and where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantWindowTerms {
    /// Unit of its length.
    pub unit: EntitlementGrantDurationUnit,
    /// Units, at least one; without effect for the subscription period.
    pub value: i64,
    /// Where it begins.
    pub allocation: EntitlementGrantAllocationBehavior,
}

/// One grant with the usage inside its window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantUsage {
    /// The grant's window.
    pub window: Period,
    /// What it allows.
    pub quota: Decimal,
    /// What was used inside the window.
    pub usage: Decimal,
    /// When an evaluation first saw the usage reach the quota.
    pub quota_crossed_at: Option<Timestamp>,
}

impl GrantWindowTerms {
    /// The window opened by the first usage at `first_usage` after `covered_until`, where the slot's last window, or the
    /// billing period's beginning, ends. `None` when the grant would last as long as the billing period: such grants
    /// are skipped.
    ///
    /// # Errors
    /// [`BillingError::OutOfRange`] beyond the calendar; [`BillingError::NotPositive`] for a value below one.
    pub fn window(
        &self,
        billing: Period,
        covered_until: Timestamp,
        first_usage: Timestamp,
        zone: &TimeZone,
    ) -> Result<Option<Period>, BillingError> {
        if self.unit == EntitlementGrantDurationUnit::SubscriptionPeriod {
            return Ok(Some(billing));
        }
        if self.value < 1 {
            return Err(BillingError::NotPositive("grant_duration_value"));
        }
        if self.after(billing.start, 1, zone)? >= billing.end {
            return Ok(None);
        }
        let start = match self.allocation {
            EntitlementGrantAllocationBehavior::FirstUsage => first_usage,
            EntitlementGrantAllocationBehavior::UnitStart => {
                self.unit_start(billing.start, first_usage, zone)?.max(covered_until)
            }
        };
        let end = self.after(start, 1, zone)?;
        let is_rest_too_short = billing.end.duration_since(end) < SHORTEST_REST;
        Ok(Some(Period::new(
            start,
            if is_rest_too_short { billing.end } else { end },
        )))
    }

    /// `count` times the grant's length after `start`.
    fn after(&self, start: Timestamp, count: i64, zone: &TimeZone) -> Result<Timestamp, BillingError> {
        let out_of_range = BillingError::OutOfRange("grant_duration_value");
        let units = self.value.checked_mul(count).ok_or(out_of_range.clone())?;
        match self.unit {
            EntitlementGrantDurationUnit::Hour => {
                let length = SignedDuration::try_from_hours(units).ok_or(out_of_range.clone())?;
                start.checked_add(length).map_err(|_| out_of_range)
            }
            EntitlementGrantDurationUnit::Day => advance(start, BillingPeriod::Daily, units, zone),
            EntitlementGrantDurationUnit::Week => advance(start, BillingPeriod::Weekly, units, zone),
            EntitlementGrantDurationUnit::SubscriptionPeriod => Err(out_of_range),
        }
    }

    /// Start of the bucket of the grant's length that contains `instant`. Buckets count from the hour, local midnight or
    /// local Monday midnight that contains the start of the billing period.
    fn unit_start(
        &self,
        billing_start: Timestamp,
        instant: Timestamp,
        zone: &TimeZone,
    ) -> Result<Timestamp, BillingError> {
        let (origin, period) = match self.unit {
            EntitlementGrantDurationUnit::Hour => {
                let origin = billing_start.as_second().div_euclid(3_600) * 3_600;
                let length = 3_600 * self.value;
                let start = origin + (instant.as_second() - origin).div_euclid(length) * length;
                return Timestamp::from_second(start).map_err(|_| BillingError::OutOfRange("grant window"));
            }
            EntitlementGrantDurationUnit::Day => (local_midnight_of(billing_start, zone)?, BillingPeriod::Daily),
            EntitlementGrantDurationUnit::Week => (monday_midnight_of(billing_start, zone)?, BillingPeriod::Weekly),
            EntitlementGrantDurationUnit::SubscriptionPeriod => return Ok(billing_start),
        };
        let buckets = Schedule {
            anchor: origin,
            period,
            count: self.value,
            zone: zone.clone(),
            end: None,
        };
        let current = buckets.roll_over(origin, instant)?.current;
        Ok(current.map_or(origin, |bucket| bucket.start))
    }
}

/// What one contributing entitlement's grants leave to pay: `max(0, usage - quota)` of each window, added up.
#[must_use]
pub fn grant_overage(grants: &[GrantUsage]) -> Decimal {
    grants
        .iter()
        .map(|grant| (&grant.usage - &grant.quota).floor_at_zero())
        .sum()
}

/// Where several contributing entitlements leave usage to pay: the union of the stretches from the crossing of a quota to
/// the end of its window, in order and without overlap. Usage inside is billed once.
#[must_use]
pub fn overage_periods(grants: &[GrantUsage]) -> Vec<Period> {
    let mut crossed: Vec<Period> = grants
        .iter()
        .filter_map(|grant| {
            grant
                .quota_crossed_at
                .map(|crossing| Period::new(crossing, grant.window.end))
        })
        .filter(|period| !period.is_empty())
        .collect();
    crossed.sort_by_key(|period| period.start);
    let mut union: Vec<Period> = Vec::new();
    for period in crossed {
        match union.last_mut() {
            Some(last) if period.start <= last.end => last.end = last.end.max(period.end),
            _ => union.push(period),
        }
    }
    union
}
