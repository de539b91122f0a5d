//! Which usage an entitlement shows, and when it starts again (spec 03 §5.10, usage summary).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::allowance::AllowanceReset;
use crate::calendar::{Period, Schedule, advance, local_midnight_of};
use crate::vocabulary::{BillingPeriod, UsageResetPeriod};
use crate::{BillingError, Decimal};

/// The subscription behind an entitlement.
#[derive(Debug, Clone, PartialEq)]
pub struct UsageViewSubscription {
    /// Start of the subscription.
    pub start: Timestamp,
    /// Its end, if any.
    pub end: Option<Timestamp>,
    /// Its billing anchor.
    pub anchor: Timestamp,
    /// Its billing period.
    pub billing_period: BillingPeriod,
    /// How many of them are billed at a time.
    pub billing_period_count: i64,
    /// The current one.
    pub current_period: Period,
    /// Its time zone.
    pub zone: TimeZone,
}

/// When usage starts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextReset {
    /// At this instant.
    At(Timestamp),
    /// Not at all; the zero timestamp on the wire.
    Never,
    /// With the billing period; absent on the wire.
    WithBillingPeriod,
}

impl UsageViewSubscription {
    /// The stretch of time whose usage counts as current at `now`.
    ///
    /// # Errors
    /// [`BillingError::OutOfRange`] beyond the calendar.
    pub fn usage_window(&self, reset: Option<UsageResetPeriod>, now: Timestamp) -> Result<Period, BillingError> {
        match AllowanceReset::of(reset, self.billing_period, self.billing_period_count) {
            AllowanceReset::BillingPeriod => Ok(self.current_period),
            AllowanceReset::Day => {
                let midnight = local_midnight_of(now, &self.zone)?;
                Ok(Period::new(midnight, self.next_midnight(now)?))
            }
            AllowanceReset::Month => self.anchor_month(now),
            AllowanceReset::Never => Ok(Period::new(self.start, self.end.unwrap_or(Timestamp::MAX))),
        }
    }

    /// When the usage starts again after `now`, at most the end of the subscription.
    ///
    /// # Errors
    /// [`BillingError::OutOfRange`] beyond the calendar.
    pub fn next_reset(&self, reset: Option<UsageResetPeriod>, now: Timestamp) -> Result<NextReset, BillingError> {
        let next = match reset {
            Some(UsageResetPeriod::Daily) => self.next_midnight(now)?,
            Some(UsageResetPeriod::Monthly) => local_midnight_of(self.anchor_month(now)?.end, &self.zone)?,
            Some(UsageResetPeriod::Never) => return Ok(NextReset::Never),
            Some(
                UsageResetPeriod::Annual
                | UsageResetPeriod::Weekly
                | UsageResetPeriod::Quarterly
                | UsageResetPeriod::HalfYearly,
            )
            | None => return Ok(NextReset::WithBillingPeriod),
        };
        Ok(NextReset::At(self.end.map_or(next, |end| next.min(end))))
    }

    fn next_midnight(&self, now: Timestamp) -> Result<Timestamp, BillingError> {
        let midnight = local_midnight_of(now, &self.zone)?;
        let tomorrow = advance(midnight, BillingPeriod::Daily, 1, &self.zone)?;
        local_midnight_of(tomorrow, &self.zone)
    }

    /// The month from the anchor's day that contains `now`.
    fn anchor_month(&self, now: Timestamp) -> Result<Period, BillingError> {
        let months = Schedule {
            anchor: self.anchor,
            period: BillingPeriod::Monthly,
            count: 1,
            zone: self.zone.clone(),
            end: None,
        };
        // Two months back is before the boundary sought, whatever the lengths of the months between.
        let earlier = advance(now, BillingPeriod::Monthly, -2, &self.zone)?;
        let first = months.next_boundary(earlier)?;
        let current = months.roll_over(first, now)?.current;
        current.ok_or(BillingError::OutOfRange("date"))
    }
}

/// `usage / limit` as a ratio with 16 fractional digits: 1 is fully used; 0 without a limit; 100 for a limit of zero
/// (Q17).
#[must_use]
pub fn usage_ratio(usage: &Decimal, limit: Option<&Decimal>) -> Decimal {
    match limit {
        None => Decimal::zero(),
        Some(limit) if !limit.is_positive() => Decimal::from(100),
        Some(limit) => usage.div(limit).unwrap_or_default(),
    }
}
