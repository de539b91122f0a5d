//! Which prices a subscription takes, and how many units of them (spec 03 §5.6).

use crate::Decimal;
use crate::calendar::months_of;
use crate::vocabulary::BillingPeriod;

/// Whether a price of this period belongs on a subscription of that one. One-time prices always do. A plan's must have
/// the same period; an addon's may be shorter if the subscription's months are a multiple of its own. Counts are not
/// compared.
#[must_use]
pub fn is_period_accepted(price: BillingPeriod, subscription: BillingPeriod, is_addon: bool) -> bool {
    if price == BillingPeriod::Onetime || price == subscription {
        return true;
    }
    match (months_of(price), months_of(subscription)) {
        (Some(price), Some(subscription)) => is_addon && subscription % price == 0,
        _ => false,
    }
}

/// Units of a FIXED line: the requested ones unless zero, else the price's default, which may be zero, else one.
#[must_use]
pub fn fixed_quantity(requested: Option<&Decimal>, min_quantity: Option<&Decimal>) -> Decimal {
    let requested = requested.filter(|quantity| !quantity.is_zero());
    requested.or(min_quantity).cloned().unwrap_or_else(Decimal::one)
}
