//! Bonus credits by size of a purchase (spec 06 §4.2).

use super::life::CreditLife;
use crate::{BillingError, Decimal};

/// What a slab gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bonus {
    /// So many credits.
    Flat(Decimal),
    /// Per cent of the purchased credits.
    Percentage(Decimal),
}

/// A bonus from a threshold on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BonusSlab {
    /// Purchased credits from which the slab applies, inclusive.
    pub threshold: Decimal,
    /// What it gives.
    pub bonus: Bonus,
    /// How long the bonus lasts; `None` does not expire.
    pub life: Option<CreditLife>,
}

/// Slabs in strictly descending order of their thresholds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BonusSlabs(Vec<BonusSlab>);

impl BonusSlabs {
    /// Accepts slabs in strictly descending order.
    ///
    /// # Errors
    /// [`BillingError::Invalid`] for any other order.
    pub fn new(slabs: Vec<BonusSlab>) -> Result<Self, BillingError> {
        if slabs.windows(2).all(|pair| pair[0].threshold > pair[1].threshold) {
            Ok(Self(slabs))
        } else {
            Err(BillingError::Invalid(
                "bonus slabs must have strictly descending thresholds",
            ))
        }
    }

    /// The bonus on a purchase and its life; `None` below all thresholds and for a bonus of zero.
    #[must_use]
    pub fn bonus_for(&self, credits: &Decimal) -> Option<(Decimal, Option<CreditLife>)> {
        let slab = self.0.iter().find(|slab| *credits >= slab.threshold)?;
        let bonus = match &slab.bonus {
            Bonus::Flat(credits) => credits.clone(),
            Bonus::Percentage(percentage) => credits.percent(percentage).round(crate::decimal::DIVISION_DIGITS),
        };
        bonus.is_positive().then_some((bonus, slab.life))
    }
}
