//! The opening invoice: its short first period, and the credit of a plan change (spec 04 §4.9, §4.12).

use jiff::Timestamp;

use super::{elapsed_ratio, second_based};
use crate::calendar::{Period, Schedule};
use crate::vocabulary::{BillingCycle, ProrationBehavior};
use crate::{BillingError, Decimal};

/// A first period shorter than the full period it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstPeriod {
    /// Where the full period would have started.
    pub nominal_start: Timestamp,
    /// Share of the full price to charge.
    pub coefficient: Decimal,
    /// Share of the limits to include, which is not that of the price (spec 04 §4.15, Q21).
    pub limit_coefficient: Decimal,
}

/// The proration of the first period of a subscription that starts at `start`; `None` when it is charged in full: on
/// anniversary cycles, without proration, and with lines of different billing periods (spec 04 §4.9, Q4).
///
/// An end date inside the first period shortens what is charged, not what it is compared with.
///
/// # Errors
/// As [`Schedule::next_boundary`]; [`BillingError::Invalid`] for an empty period.
pub fn first_period_proration(
    schedule: &Schedule,
    start: Timestamp,
    cycle: BillingCycle,
    behavior: ProrationBehavior,
    has_mixed_periods: bool,
) -> Result<Option<FirstPeriod>, BillingError> {
    match (cycle, behavior) {
        (BillingCycle::Anniversary, _) | (_, ProrationBehavior::None) => return Ok(None),
        (BillingCycle::Calendar, ProrationBehavior::CreateProrations) if has_mixed_periods => return Ok(None),
        (BillingCycle::Calendar, ProrationBehavior::CreateProrations) => {}
    }
    let boundary = schedule.unclipped_next_boundary(start)?;
    let nominal_start = schedule.previous_boundary(boundary)?;
    // Shifting the start by what the end date cuts off leaves the seconds up to the clipped end.
    let clipped = schedule.next_boundary(start)?;
    let cut_off = boundary.duration_since(clipped);
    let effective = start
        .checked_add(cut_off)
        .map_err(|_| BillingError::OutOfRange("end_date"))?;
    let full = Period::new(nominal_start, boundary);
    Ok(Some(FirstPeriod {
        nominal_start,
        coefficient: second_based(full, effective)?,
        limit_coefficient: elapsed_ratio(full, effective)?,
    }))
}

/// Fixed lines after a credit was subtracted from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningAdjustment {
    /// The amounts left, in order, none below zero.
    pub amounts: Vec<Decimal>,
    /// The part of the credit that was used.
    pub applied: Decimal,
    /// The rest, which goes to the wallet (Q14).
    pub unapplied: Decimal,
}

/// Subtracts `credit` (not negative) from the fixed lines of an opening invoice in order, each down to zero
/// (spec 04 §4.12, spec 05 §5.3).
#[must_use]
pub fn adjust_opening_invoice(credit: &Decimal, fixed_amounts: &[Decimal]) -> OpeningAdjustment {
    let mut unapplied = credit.clone();
    let amounts = fixed_amounts
        .iter()
        .map(|amount| {
            let take = unapplied.clone().min(amount.clone()).floor_at_zero();
            unapplied -= &take;
            amount - &take
        })
        .collect();
    OpeningAdjustment {
        amounts,
        applied: credit - &unapplied,
        unapplied,
    }
}
