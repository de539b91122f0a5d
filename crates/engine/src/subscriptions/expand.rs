//! What `expand` embeds in subscriptions and their lines (spec 01 A12, spec 04 §3.1, §3.3).

use std::collections::BTreeMap;

use tariff_contract::Expand;
use tariff_contract::line_items::SubscriptionLineItemResponse;
use tariff_contract::prices::PriceResponse;
use tariff_contract::subscriptions::SubscriptionResponse;
use tariff_store::Scoped;
use tariff_store::entity::{customers as customer_rows, meters as meter_rows, prices as price_rows};

use crate::error::Result;
use crate::records::by_ids;
use crate::{customers, meters, prices};

/// The customers of a page of subscriptions, if they are asked for; plans are always there. One query.
pub(super) async fn embed_customers(
    rows: &Scoped<'_>,
    subscriptions: &mut [SubscriptionResponse],
    expand: &Expand,
) -> Result<()> {
    if !expand.has("customer") {
        return Ok(());
    }
    let ids = subscriptions
        .iter()
        .map(|subscription| subscription.customer_id.clone());
    let found = by_ids::<customer_rows::Entity>(rows, ids, |customer| &customer.id).await?;
    for subscription in subscriptions {
        let customer = found.get(&subscription.customer_id).cloned();
        subscription.customer = customer.map(|customer| customers::response(customer, Vec::new()));
    }
    Ok(())
}

/// Prices and meters of a page of lines, as far as they are asked for. One query per kind of record.
pub(super) async fn embed_in_lines(
    rows: &Scoped<'_>,
    lines: &mut [SubscriptionLineItemResponse],
    expand: &Expand,
) -> Result<()> {
    if expand.has("prices") || expand.has("subscription_line_items.prices") {
        let priced = prices_of(rows, lines, expand).await?;
        for line in &mut *lines {
            line.price = priced.get(&line.price_id).cloned();
        }
    }
    if expand.has("meters") || expand.has("subscription_line_items.meters") {
        let ids: Vec<String> = lines.iter().filter_map(|line| line.meter_id.clone()).collect();
        let found = by_ids::<meter_rows::Entity>(rows, ids, |meter| &meter.id).await?;
        for line in lines {
            let meter = line.meter_id.as_ref().and_then(|id| found.get(id));
            line.meter = meter.cloned().map(meters::domain_form);
        }
    }
    Ok(())
}

async fn prices_of(
    rows: &Scoped<'_>,
    lines: &[SubscriptionLineItemResponse],
    expand: &Expand,
) -> Result<BTreeMap<String, PriceResponse>> {
    // What belongs to the price may be named with or without it.
    let asked = |name: &str| expand.has(name) || expand.has(&format!("prices.{name}"));
    let embed = prices::Embed {
        meters: asked("meters"),
        groups: asked("groups"),
        price_units: asked("priceunit"),
        plans: asked("plan"),
        addons: asked("addons"),
    };
    let ids: Vec<String> = lines.iter().map(|line| line.price_id.clone()).collect();
    let found = by_ids::<price_rows::Entity>(rows, ids, |price| &price.id).await?;
    let prices = prices::embedded(rows, found.into_values().collect(), embed).await?;
    Ok(prices.into_iter().map(|price| (price.id.clone(), price)).collect())
}
