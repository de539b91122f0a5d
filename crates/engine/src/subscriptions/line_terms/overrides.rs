//! Overriding the price or quantity of a line (spec 03 §5.6 "Overrides").

use tariff_contract::error::ApiError;
use tariff_contract::subscriptions::OverrideLineItemRequest;
use tariff_core::vocabulary::PriceType;
use tariff_store::column::Number;
use tariff_store::entity::{prices, subscription_line_items, subscriptions};

use crate::engine::Work;
use crate::error::Result;
use crate::prices::overriding;

/// Decimal places of a line's quantity (spec 04 §2.3).
const QUANTITY_DIGITS: u32 = 8;

/// Gives the line a price of the subscription's own, and the quantity that is sent. Answers the new price.
///
/// # Errors
/// `validation_error` for a quantity on a usage line; as [`overriding`].
pub(super) async fn apply(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    original: prices::Model,
    sent: OverrideLineItemRequest,
    line: &mut subscription_line_items::Model,
) -> Result<prices::Model> {
    // Zero stands for the default, which the line has already.
    if let Some(quantity) = sent.quantity.clone().filter(|quantity| !quantity.is_zero()) {
        if original.kind.0 == PriceType::Usage {
            let error = ApiError::validation("The quantity of a usage line is what is used");
            return Err(error.detail("price_id", original.id).into());
        }
        line.quantity = Number(quantity.round(QUANTITY_DIGITS));
    }
    let price = overriding(work, original, &subscription.id, sent).await?;
    line.price_id.clone_from(&price.id);
    Ok(price)
}
