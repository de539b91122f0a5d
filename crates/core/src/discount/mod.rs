//! Coupons: what one takes off, and how the discounts of an invoice fall on its lines (spec 03 §5.13, spec 05 §5.4-5.5).
//!
//! Whether a coupon may be used at all is decided in [`eligibility`].

mod distribution;
pub mod eligibility;
mod lines;

pub use distribution::distribute;
pub use lines::{InvoiceDiscounts, analytics_discount, discount_lines};

use crate::{BillingError, Currency, Decimal};

/// What a coupon takes off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coupon {
    /// An amount of money.
    Fixed {
        /// The amount, greater than zero.
        amount_off: Decimal,
    },
    /// A share of the price.
    Percentage {
        /// Per cent, above 0 and up to 100.
        percentage_off: Decimal,
    },
}

/// A price split by a coupon; both parts add up to the price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discounted {
    /// What is taken off; never more than the price.
    pub discount: Decimal,
    /// What remains; never negative.
    pub final_price: Decimal,
}

impl Coupon {
    /// Takes this coupon off a price that is not negative. The discount is rounded to the currency, unless that
    /// would exceed the price: then it is the price itself, unrounded (spec 03 §5.13).
    #[must_use]
    pub fn apply(&self, price: &Decimal, currency: &Currency) -> Discounted {
        let unrounded = match self {
            Self::Fixed { amount_off } => amount_off.clone(),
            Self::Percentage { percentage_off } => price.percent(percentage_off),
        };
        let discount = currency.round(&unrounded);
        let final_price = price - &discount;
        if final_price.is_negative() {
            Discounted {
                discount: price.clone(),
                final_price: Decimal::zero(),
            }
        } else {
            Discounted { discount, final_price }
        }
    }

    /// Whether the coupon can be issued (spec 03 §3.7).
    ///
    /// # Errors
    /// [`BillingError::NotPositive`] or [`BillingError::OutOfRange`].
    pub fn check(&self) -> Result<(), BillingError> {
        let (field, value) = match self {
            Self::Fixed { amount_off } => ("amount_off", amount_off),
            Self::Percentage { percentage_off } => ("percentage_off", percentage_off),
        };
        if !value.is_positive() {
            return Err(BillingError::NotPositive(field));
        }
        if matches!(self, Self::Percentage { .. }) && *value > Decimal::from(100) {
            return Err(BillingError::OutOfRange(field));
        }
        Ok(())
    }
}
