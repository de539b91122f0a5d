//! What happens to a due grant application (spec 06 §4.8-4.9).

use jiff::{SignedDuration, Timestamp};

use super::grant::GrantApplication;
use super::life::{CreditLife, add_life};
use crate::BillingError;
use crate::calendar::{Period, Schedule};
use crate::vocabulary::SubscriptionStatus;

/// When granted credits end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantExpiry {
    /// Not at all.
    Never,
    /// After a time, counted from the start of the grant's period.
    Duration(CreditLife),
    /// With the subscription's billing period.
    BillingCycle,
}

/// The billing periods of the grant's subscription.
#[derive(Debug, Clone, PartialEq)]
pub struct BillingPeriods {
    /// The current one, as stored.
    pub current: Period,
    /// Start of the subscription.
    pub start: Timestamp,
    /// Its chain from the start on.
    pub schedule: Schedule,
}

/// What to do with an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantDecision {
    /// Write the credits with this expiry, then schedule the next period.
    Apply {
        /// Last instant of consumption.
        expiry: Option<Timestamp>,
    },
    /// Grant nothing for this period, but schedule the next one.
    Skip,
    /// Look again later; the retry count grows by one.
    Defer {
        /// When.
        scheduled_for: Timestamp,
    },
    /// Cancel it and every later open application; no next period.
    Cancel,
}

/// Decides on a due application by the state of its subscription.
///
/// # Errors
/// [`BillingError::Invalid`] when no billing period contains the start of the grant's period: never silently unlimited
/// (Q23). As [`Schedule::next_boundary`].
pub fn decide(
    application: &GrantApplication,
    subscription_status: SubscriptionStatus,
    expiry: GrantExpiry,
    billing: &BillingPeriods,
    now: Timestamp,
) -> Result<GrantDecision, BillingError> {
    match subscription_status {
        SubscriptionStatus::Active | SubscriptionStatus::Trialing => {
            let expiry = granted_credit_expiry(expiry, application.period_start, billing)?;
            if expiry.is_some_and(|expiry| expiry < now) {
                return Ok(GrantDecision::Skip);
            }
            Ok(GrantDecision::Apply { expiry })
        }
        SubscriptionStatus::Paused => Ok(GrantDecision::Skip),
        SubscriptionStatus::Draft | SubscriptionStatus::Incomplete => {
            let delay = SignedDuration::from_mins(deferral_minutes(application.retry_count));
            let scheduled_for = now
                .checked_add(delay)
                .map_err(|_| BillingError::OutOfRange("scheduled_for"))?;
            Ok(GrantDecision::Defer { scheduled_for })
        }
        SubscriptionStatus::Cancelled => Ok(GrantDecision::Cancel),
    }
}

/// Minutes until a deferred application is looked at again: 30, doubling with each deferral up to 480.
#[must_use]
pub fn deferral_minutes(retry_count: u32) -> i64 {
    30 << retry_count.min(4)
}

/// Last instant of consumption of credits granted for a period starting at `period_start`.
///
/// # Errors
/// [`BillingError::Invalid`] when no billing period contains it; as [`Schedule::next_boundary`].
pub fn granted_credit_expiry(
    expiry: GrantExpiry,
    period_start: Timestamp,
    billing: &BillingPeriods,
) -> Result<Option<Timestamp>, BillingError> {
    match expiry {
        GrantExpiry::Never => Ok(None),
        GrantExpiry::Duration(life) => add_life(period_start, life).map(Some),
        GrantExpiry::BillingCycle if billing.current.contains(period_start) => Ok(Some(billing.current.end)),
        GrantExpiry::BillingCycle => {
            let no_period = BillingError::Invalid("no billing period contains the start of the grant's period");
            if period_start < billing.start {
                return Err(no_period);
            }
            let roll_over = billing.schedule.roll_over(billing.start, period_start)?;
            roll_over.current.map(|period| Some(period.end)).ok_or(no_period)
        }
    }
}
