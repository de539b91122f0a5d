//! The range of prices and quantities that users may enter (spec 03 §2.1).

use crate::{BillingError, Decimal};

/// Quantities reach up to ten to this power.
pub const QUANTITY_MAX_POWER_OF_TEN: u32 = 18;

/// Fractional digits of a price amount or a quantity.
const FRACTION_DIGITS_MAX: u32 = 15;

/// Integer digits of a price amount.
const PRICE_INTEGER_DIGITS_MAX: u32 = 10;

/// Whether `amount` can be a price: not negative, at most 10 integer and 15 fractional digits.
///
/// # Errors
/// [`BillingError::Negative`] or [`BillingError::OutOfRange`], naming `field`.
pub fn check_price_amount(field: &'static str, amount: &Decimal) -> Result<(), BillingError> {
    if amount.is_negative() {
        return Err(BillingError::Negative(field));
    }
    if amount.integer_digits() > PRICE_INTEGER_DIGITS_MAX || amount.fraction_digits() > FRACTION_DIGITS_MAX {
        return Err(BillingError::OutOfRange(field));
    }
    Ok(())
}

/// Whether `quantity` can be charged: not negative, at most 10^18, at most 15 fractional digits.
///
/// # Errors
/// [`BillingError::Negative`] or [`BillingError::OutOfRange`].
pub fn check_quantity(quantity: &Decimal) -> Result<(), BillingError> {
    if quantity.is_negative() {
        return Err(BillingError::Negative("quantity"));
    }
    let largest = Decimal::new(10_i128.pow(QUANTITY_MAX_POWER_OF_TEN), 0);
    if *quantity > largest || quantity.fraction_digits() > FRACTION_DIGITS_MAX {
        return Err(BillingError::OutOfRange("quantity"));
    }
    Ok(())
}
