//! The price of one subscription that stands in for a price of its plan or addon (spec 03 §5.6).

use tariff_contract::prices::{CreatePriceRequest, UpdatePriceRequest};
use tariff_contract::subscriptions::OverrideLineItemRequest;
use tariff_core::vocabulary::PriceEntityType;
use tariff_store::entity::prices;

use super::create::create;
use super::root_of;
use super::update::{refuse_foreign_terms, successor};
use crate::engine::Work;
use crate::error::Result;

/// Creates the price that a subscription has instead of `original`: the terms that are sent, laid over those stored.
///
/// # Errors
/// `validation_error` for terms of the other kind of unit, or terms that make no price; `not_found` when the price's
/// unit is withdrawn.
pub(crate) async fn overriding(
    work: &Work<'_>,
    original: prices::Model,
    subscription_id: &str,
    sent: OverrideLineItemRequest,
) -> Result<prices::Model> {
    let terms = UpdatePriceRequest {
        amount: sent.amount,
        billing_model: sent.billing_model,
        price_unit_amount: sent.price_unit_amount,
        price_unit_tiers: sent.price_unit_tiers,
        tier_mode: sent.tier_mode,
        tiers: sent.tiers,
        transform_quantity: sent.transform_quantity,
        ..UpdatePriceRequest::default()
    };
    refuse_foreign_terms(&original, &terms)?;
    let root = root_of(&original).to_owned();
    let price = CreatePriceRequest {
        entity_type: Some(PriceEntityType::Subscription),
        entity_id: Some(subscription_id.to_owned()),
        // These belong to the original alone.
        min_quantity: None,
        group_id: None,
        lookup_key: None,
        ..successor(original, terms, work.now)
    };
    price.validate()?;
    create(work, price, root).await
}
