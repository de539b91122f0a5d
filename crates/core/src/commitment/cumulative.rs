//! A commitment that spans several billing periods (spec 04 §4.14).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::calendar::{Period, Schedule};
use crate::vocabulary::BillingPeriod;
use crate::{BillingError, Currency, Decimal};

/// The state of a commitment at the start of a billing period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CumulativeCommitment {
    /// What was promised for the whole window.
    pub amount: Decimal,
    /// What usage beyond it costs, as a multiple of its list price.
    pub overage_factor: Decimal,
    /// Whether an unused rest is charged at the end of the window.
    pub true_up: bool,
    /// Usage of earlier periods of the window at list price; overage lines count divided by the factor.
    pub prior_base: Decimal,
    /// Whether the billing period ends at or after the window.
    pub is_last_period: bool,
}

/// The charges of one billing period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CumulativeCharges {
    /// One amount per usage line, rounded. They need not add up to what lies within the commitment (Q19).
    pub within_lines: Vec<Decimal>,
    /// The "Overage" line, rounded; none for zero.
    pub overage_line: Decimal,
    /// The "True Up" line, rounded; none for zero.
    pub true_up: Decimal,
    /// What was left of the commitment before this period.
    pub remaining_before: Decimal,
}

impl CumulativeCharges {
    /// Sum of all lines.
    #[must_use]
    pub fn usage_total(&self) -> Decimal {
        self.within_lines.iter().sum::<Decimal>() + &self.overage_line + &self.true_up
    }
}

impl CumulativeCommitment {
    /// Charges one billing period. `base_amounts` are the usage lines at list price after allowances, each rounded.
    #[must_use]
    pub fn charge(&self, base_amounts: &[Decimal], currency: &Currency) -> CumulativeCharges {
        let usage: Decimal = base_amounts.iter().sum();
        let remaining_before = (&self.amount - &self.prior_base).floor_at_zero();
        let within = usage.clone().min(remaining_before.clone());
        let over = &(&usage - &within) * &self.overage_factor;
        let within_lines = base_amounts
            .iter()
            .map(|base| {
                // Without usage there is nothing to share.
                let share = base.div(&usage).unwrap_or_default();
                currency.round(&(&share * &within))
            })
            .collect();
        let unused = &(&self.amount - &self.prior_base) - &usage;
        let true_up = if self.is_last_period && self.true_up {
            currency.round(&unused.floor_at_zero())
        } else {
            Decimal::zero()
        };
        CumulativeCharges {
            within_lines,
            overage_line: currency.round(&over),
            true_up,
            remaining_before,
        }
    }
}

/// The commitment window that contains `instant`: consecutive windows of one `duration` from the subscription's start,
/// clipped to short months (Q6). `None` before the start.
///
/// # Errors
/// As [`Schedule::roll_over`].
pub fn commitment_window(
    subscription_start: Timestamp,
    duration: BillingPeriod,
    zone: &TimeZone,
    instant: Timestamp,
) -> Result<Option<Period>, BillingError> {
    if instant < subscription_start {
        return Ok(None);
    }
    let windows = Schedule {
        anchor: subscription_start,
        period: duration,
        count: 1,
        zone: zone.clone(),
        end: None,
    };
    Ok(windows.roll_over(subscription_start, instant)?.current)
}
