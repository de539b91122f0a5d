//! The chain of applications of a live credit grant (spec 06 §4.7-4.8).

use jiff::Timestamp;

use crate::calendar::Schedule;
use crate::vocabulary::{ApplicationStatus, CreditGrantApplicationReason};
use crate::{BillingError, Decimal};

/// Applications of one grant processed in one run.
pub const GRANT_CHAIN_MAX: usize = 100;

/// When a grant applies.
#[derive(Debug, Clone, PartialEq)]
pub enum GrantSchedule {
    /// Once, at its start.
    OneTime,
    /// At the start of each period of this schedule, which is anchored at the grant's anchor, in the subscription's time
    /// zone and without an end.
    Recurring(Schedule),
}

/// A live grant.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// Credits of a full period.
    pub credits: Decimal,
    /// When it applies.
    pub schedule: GrantSchedule,
    /// Start of its first period.
    pub start: Timestamp,
    /// A period that ends after this is not granted; the first one always is.
    pub end: Option<Timestamp>,
}

/// One period of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantApplication {
    /// Start of the period.
    pub period_start: Timestamp,
    /// Its end; `None` for a one-time grant.
    pub period_end: Option<Timestamp>,
    /// When to process it next.
    pub scheduled_for: Timestamp,
    /// Its state.
    pub status: ApplicationStatus,
    /// Credits to grant.
    pub credits: Decimal,
    /// Why it exists.
    pub reason: CreditGrantApplicationReason,
    /// Deferrals and retries so far.
    pub retry_count: u32,
}

impl Grant {
    /// The first application. `prorated_credits` replace the full credits of a grant attached inside a billing period,
    /// whose anchor is that period's end (spec 06 §4.10).
    ///
    /// # Errors
    /// As [`Schedule::next_boundary`].
    pub fn first_application(&self, prorated_credits: Option<Decimal>) -> Result<GrantApplication, BillingError> {
        let (period_end, reason) = match &self.schedule {
            GrantSchedule::OneTime => (None, CreditGrantApplicationReason::OnetimeCreditGrant),
            GrantSchedule::Recurring(schedule) => (
                Some(self.first_period_end(schedule)?),
                CreditGrantApplicationReason::FirstTimeRecurringCreditGrant,
            ),
        };
        let credits = prorated_credits.unwrap_or_else(|| self.credits.clone());
        Ok(pending(self.start, period_end, credits, reason))
    }

    /// An anchor after the start ends the first period, whatever its unit.
    fn first_period_end(&self, schedule: &Schedule) -> Result<Timestamp, BillingError> {
        if self.start < schedule.anchor {
            return Ok(schedule.anchor);
        }
        schedule.next_boundary(self.start)
    }

    /// The application after `application`, with full credits; `None` for a one-time grant, and when its period would
    /// end after the grant.
    ///
    /// # Errors
    /// As [`Schedule::next_boundary`].
    pub fn next_application(&self, application: &GrantApplication) -> Result<Option<GrantApplication>, BillingError> {
        let (GrantSchedule::Recurring(schedule), Some(start)) = (&self.schedule, application.period_end) else {
            return Ok(None);
        };
        let end = schedule.next_boundary(start)?;
        if self.end.is_some_and(|grant_end| end > grant_end) {
            return Ok(None);
        }
        let reason = CreditGrantApplicationReason::RecurringCreditGrant;
        Ok(Some(pending(start, Some(end), self.credits.clone(), reason)))
    }
}

impl GrantApplication {
    /// Whether it waits to be processed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.status {
            ApplicationStatus::Pending | ApplicationStatus::Failed => true,
            ApplicationStatus::Applied | ApplicationStatus::Skipped | ApplicationStatus::Cancelled => false,
        }
    }

    /// Whether the periodic job takes it: open and scheduled strictly before `now`.
    #[must_use]
    pub fn is_due_for_job(&self, now: Timestamp) -> bool {
        self.is_open() && self.scheduled_for < now
    }

    /// Whether it follows in the chain at once, or with its creation: open and scheduled at or before `now`.
    #[must_use]
    pub fn is_due_in_chain(&self, now: Timestamp) -> bool {
        self.is_open() && self.scheduled_for <= now
    }

    /// Whether activation of its subscription processes it: open and of a period already begun, whatever its deferral
    /// (Q11).
    #[must_use]
    pub fn is_due_on_activation(&self, now: Timestamp) -> bool {
        self.is_open() && self.period_start <= now
    }

    /// Whether ending the grant at `effective` cancels it: open and scheduled at or after that.
    #[must_use]
    pub fn is_cancelled_by_end(&self, effective: Timestamp) -> bool {
        self.is_open() && self.scheduled_for >= effective
    }
}

fn pending(
    start: Timestamp,
    end: Option<Timestamp>,
    credits: Decimal,
    reason: CreditGrantApplicationReason,
) -> GrantApplication {
    GrantApplication {
        period_start: start,
        period_end: end,
        scheduled_for: start,
        status: ApplicationStatus::Pending,
        credits,
        reason,
        retry_count: 0,
    }
}
