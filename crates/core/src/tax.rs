//! Exclusive taxes on an invoice (spec 03 §5.13, spec 05 §5.7).
//!
//! Taxes never compound, are not included in prices and are not split over lines. Which rates apply is the engine's
//! business.

use crate::{BillingError, Currency, Decimal};

/// One rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaxRate {
    /// Per cent of the taxable amount.
    Percentage(Decimal),
    /// An amount, due even when nothing is taxable.
    Fixed(Decimal),
}

impl TaxRate {
    /// The tax on `taxable`, rounded to the currency.
    #[must_use]
    pub fn amount(&self, taxable: &Decimal, currency: &Currency) -> Decimal {
        match self {
            Self::Percentage(percentage) => currency.round(&taxable.percent(percentage)),
            Self::Fixed(amount) => currency.round(amount),
        }
    }

    /// Whether the rate can be created: 0 to 100 per cent, or an amount that is not negative (spec 03 §3.8).
    ///
    /// # Errors
    /// [`BillingError::Negative`] or [`BillingError::OutOfRange`].
    pub fn check(&self) -> Result<(), BillingError> {
        let (field, value) = match self {
            Self::Percentage(percentage) => ("percentage_value", percentage),
            Self::Fixed(amount) => ("fixed_value", amount),
        };
        if value.is_negative() {
            return Err(BillingError::Negative(field));
        }
        if matches!(self, Self::Percentage(_)) && *value > Decimal::from(100) {
            return Err(BillingError::OutOfRange(field));
        }
        Ok(())
    }
}

/// The taxes of one invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxes {
    /// What the rates were applied to: subtotal less discounts, at least zero. Prepaid credits do not lower it.
    pub taxable_amount: Decimal,
    /// One amount per rate, in their order.
    pub amounts: Vec<Decimal>,
    /// Sum of the amounts.
    pub total_tax: Decimal,
}

/// Applies each rate separately to `subtotal - total_discount`.
#[must_use]
pub fn apply_taxes(subtotal: &Decimal, total_discount: &Decimal, rates: &[TaxRate], currency: &Currency) -> Taxes {
    let taxable_amount = (subtotal - total_discount).floor_at_zero();
    let amounts: Vec<Decimal> = rates
        .iter()
        .map(|rate| rate.amount(&taxable_amount, currency))
        .collect();
    Taxes {
        total_tax: amounts.iter().sum(),
        taxable_amount,
        amounts,
    }
}
