//! Prices in custom units, and amounts shown to people (spec 03 §2.2, §5.4, §5.5).
//!
//! A price in a custom unit is converted once, when it is created, by [`Pricing::converted`](super::Pricing::converted).

use crate::vocabulary::PriceType;
use crate::{BillingError, Currency, Decimal};

/// The amount of an invoice line in the price's custom unit: `cost / conversion_rate`, rounded to the base currency.
/// Usage lines convert their rounded amount, fixed lines the unrounded `cost` (spec 03 §5.4).
///
/// # Errors
/// [`BillingError::NotPositive`] unless `conversion_rate` is greater than zero.
pub fn line_price_unit_amount(
    price_type: PriceType,
    cost: &Decimal,
    conversion_rate: &Decimal,
    base_currency: &Currency,
) -> Result<Decimal, BillingError> {
    if !conversion_rate.is_positive() {
        return Err(BillingError::NotPositive("conversion_rate"));
    }
    let source = match price_type {
        PriceType::Usage => base_currency.round(cost),
        PriceType::Fixed => cost.clone(),
    };
    let units = source.div(conversion_rate).unwrap_or_default();
    Ok(base_currency.round(&units))
}

/// `display_amount` of a price: symbol and unrounded amount; a price without an amount shows zero.
#[must_use]
pub fn display_amount(currency: &Currency, amount: Option<&Decimal>) -> String {
    currency.display(amount.unwrap_or(&Decimal::zero()))
}

/// `display_price_unit_amount` of a price: the unit's symbol and the amount; empty without one.
#[must_use]
pub fn display_price_unit_amount(symbol: &str, amount: Option<&Decimal>) -> String {
    amount.map_or_else(String::new, |amount| format!("{symbol}{amount}"))
}
