//! Time-boxed allowances: the windows of entitlement grants, how they are used up, and usage beyond them (spec 03 §5.11).

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

/// What has to happen for the next window of a slot to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextGrant {
    /// None opens: everything up to now is covered, or the grant would last as long as the billing period.
    Nothing,
    /// This one opens, used or not.
    Opens(Period),
    /// It opens with the first usage in this stretch.
    WithUsage(Period),
}

/// A grant as the last evaluation left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantProgress {
    /// The grant's window.
    pub window: Period,
    /// What it allows.
    pub quota: Decimal,
    /// Whether the usage has reached the quota before.
    pub is_exhausted: bool,
}

/// What an evaluation makes of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantStep {
    /// The usage reaches the quota for the first time.
    pub exhausts: bool,
    /// The window is over: this was the last measurement.
    pub closes: bool,
}

impl GrantProgress {
    /// The part of the window that is measured at `now`; empty before its start.
    #[must_use]
    pub fn measured(&self, now: Timestamp) -> Period {
        Period::new(self.window.start, now.clamp(self.window.start, self.window.end))
    }

    /// What the usage measured at `now` means. A grant that was exhausted once stays so.
    #[must_use]
    pub fn step(&self, usage: &Decimal, now: Timestamp) -> GrantStep {
        GrantStep {
            exhausts: !self.is_exhausted && *usage >= self.quota,
            closes: now >= self.window.end,
        }
    }
}

/// One grant with the usage inside its window that matters to a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantUsage {
    /// The grant's window.
    pub window: Period,
    /// What it allows.
    pub quota: Decimal,
    /// What was used inside the window before the line's part of it.
    pub before: Decimal,
    /// What was used inside the window up to the end of the line's part.
    pub through: Decimal,
    /// From when on the usage has reached the quota.
    pub quota_crossed_at: Option<Timestamp>,
}

impl GrantWindowTerms {
    /// What opens the next window of a slot in a billing period, seen at `now`. `covered_until` is the end of the slot's
    /// last window.
    ///
    /// # Errors
    /// [`BillingError::OutOfRange`] beyond the calendar.
    pub fn next(
        &self,
        billing: Period,
        covered_until: Option<Timestamp>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<NextGrant, BillingError> {
        let from = covered_until.map_or(billing.start, |end| end.max(billing.start));
        if from >= now.min(billing.end) || self.is_as_long_as(billing, zone)? {
            return Ok(NextGrant::Nothing);
        }
        Ok(match self.unit {
            EntitlementGrantDurationUnit::SubscriptionPeriod => NextGrant::Opens(Period::new(from, billing.end)),
            EntitlementGrantDurationUnit::Hour
            | EntitlementGrantDurationUnit::Day
            | EntitlementGrantDurationUnit::Week => NextGrant::WithUsage(Period::new(from, now.min(billing.end))),
        })
    }

    /// Whether a grant would last at least as long as the billing period. Such grants are skipped; one for the
    /// subscription period is meant to last that long.
    fn is_as_long_as(&self, billing: Period, zone: &TimeZone) -> Result<bool, BillingError> {
        if self.unit == EntitlementGrantDurationUnit::SubscriptionPeriod {
            return Ok(false);
        }
        match self.end_of(billing.start, zone) {
            Ok(end) => Ok(end >= billing.end),
            // Longer than the calendar.
            Err(BillingError::OutOfRange(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

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
        if self.is_as_long_as(billing, zone)? {
            return Ok(None);
        }
        let start = match self.allocation {
            EntitlementGrantAllocationBehavior::FirstUsage => first_usage,
            EntitlementGrantAllocationBehavior::UnitStart => {
                self.unit_start(billing.start, first_usage, zone)?.max(covered_until)
            }
        };
        let end = self.end_of(start, zone)?;
        let is_rest_too_short = billing.end.duration_since(end) < SHORTEST_REST;
        Ok(Some(Period::new(
            start,
            if is_rest_too_short { billing.end } else { end },
        )))
    }

    /// The grant's length after `start`.
    fn end_of(&self, start: Timestamp, zone: &TimeZone) -> Result<Timestamp, BillingError> {
        let out_of_range = BillingError::OutOfRange("grant_duration_value");
        if self.value < 1 {
            return Err(BillingError::NotPositive("grant_duration_value"));
        }
        match self.unit {
            EntitlementGrantDurationUnit::Hour => {
                let length = SignedDuration::try_from_hours(self.value).ok_or(out_of_range.clone())?;
                start.checked_add(length).map_err(|_| out_of_range)
            }
            EntitlementGrantDurationUnit::Day => advance(start, BillingPeriod::Daily, self.value, zone),
            EntitlementGrantDurationUnit::Week => advance(start, BillingPeriod::Weekly, self.value, zone),
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

/// What one contributing entitlement's grants leave to pay on a line: `max(0, usage - quota)` of each window, added up, of
/// which the line bears what falls into its own part of the window. So lines that succeed one another inside a window
/// use its quota up once, in time order (Q27).
#[must_use]
pub fn grant_overage(grants: &[GrantUsage]) -> Decimal {
    let excess = |used: &Decimal, quota: &Decimal| (used - quota).floor_at_zero();
    grants
        .iter()
        .map(|grant| excess(&grant.through, &grant.quota) - excess(&grant.before, &grant.quota))
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
