//! When a wallet refills itself (spec 06 §4.13).

use jiff::{SignedDuration, Timestamp};

use crate::{BillingError, Decimal};

/// Most direct top-ups of one evaluation (Q29).
pub const AUTO_TOP_UPS_MAX: usize = 100;

/// A wallet's automatic top-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoTopUp {
    /// Whether it runs at all.
    pub enabled: bool,
    /// Credits at or below which it runs.
    pub threshold: Decimal,
    /// Credits to add.
    pub amount: Decimal,
    /// Whether the purchase is invoiced.
    pub invoicing: bool,
    /// Least time between two.
    pub cooldown: Option<SignedDuration>,
}

/// The wallet's latest automatic top-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastAutoTopUp {
    /// When it was written.
    pub created_at: Timestamp,
    /// Whether it still waits for its payment.
    pub is_pending: bool,
}

impl AutoTopUp {
    /// Whether a top-up is due at `now`. `has_unpaid_invoice` tells of an open invoice of an earlier automatic top-up,
    /// which stops an invoiced one.
    #[must_use]
    pub fn is_due(
        &self,
        ongoing_credits: &Decimal,
        now: Timestamp,
        last: Option<LastAutoTopUp>,
        has_unpaid_invoice: bool,
    ) -> bool {
        if !self.enabled || *ongoing_credits > self.threshold || (self.invoicing && has_unpaid_invoice) {
            return false;
        }
        let Some(last) = last else {
            return true;
        };
        let is_cooling_down = self.cooldown.is_some_and(|cooldown| {
            // A cooldown that leaves the calendar never ends.
            last.created_at.checked_add(cooldown).is_ok_and(|end| now < end)
        });
        !last.is_pending && !is_cooling_down
    }

    /// Whether the configuration can be stored (Q17).
    ///
    /// # Errors
    /// [`BillingError::NotPositive`] or [`BillingError::Negative`].
    pub fn check(&self) -> Result<(), BillingError> {
        if !self.amount.is_positive() {
            return Err(BillingError::NotPositive("auto_topup.amount"));
        }
        if self.threshold.is_negative() {
            return Err(BillingError::Negative("auto_topup.threshold"));
        }
        if self.cooldown.is_some_and(|cooldown| !cooldown.is_positive()) {
            return Err(BillingError::NotPositive("auto_topup.cooldown"));
        }
        Ok(())
    }
}
