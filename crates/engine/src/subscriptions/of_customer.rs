//! The subscriptions of a customer that is known by its external id (spec 04 §3.3).

use tariff_contract::subscriptions::{CUSTOMER_SUBSCRIPTION_EXPAND, ListSubscriptionsResponse, SubscriptionResponse};
use tariff_contract::{Expand, Pagination};
use tariff_core::vocabulary::SubscriptionStatus;
use tariff_store::entity::{meters as meter_rows, subscriptions};
use tariff_store::{Listing, Scoped};

use super::response::plain_responses;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::{Narrow, by_ids};
use crate::{customers, entitlements, meters};

impl Engine {
    /// The active and trialing subscriptions of the published customer of this external id, newest first and all at
    /// once.
    ///
    /// # Errors
    /// `validation_error` for an unknown name in `expand`; `not_found` for an unknown customer.
    pub async fn list_customer_subscriptions(
        &self,
        context: &Context,
        external_id: &str,
        expand: &str,
    ) -> Result<ListSubscriptionsResponse> {
        let expand = Expand::parse(expand, CUSTOMER_SUBSCRIPTION_EXPAND)?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let customer = customers::get_by_external_id(&rows, external_id).await?;
        let live = [SubscriptionStatus::Active, SubscriptionStatus::Trialing];
        let listing = Listing::all()
            .equal("customer_id", customer.id)
            .published()
            .within("subscription_status", live.map(SubscriptionStatus::as_str));
        let found = rows.list::<subscriptions::Entity>(&listing).await?;
        let mut items = plain_responses(&rows, found.clone()).await?;
        if expand.has("subscription_line_items.meters") {
            embed_meters(&rows, &mut items).await?;
        }
        if expand.has("entitlements") {
            for (item, subscription) in items.iter_mut().zip(&found) {
                item.entitlements = entitlements::features_of(&rows, subscription, context.now()).await?;
            }
        }
        let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
        Ok(ListSubscriptionsResponse {
            items,
            pagination: Pagination::unlimited(total),
        })
    }
}

async fn embed_meters(rows: &Scoped<'_>, items: &mut [SubscriptionResponse]) -> Result<()> {
    let lines = items.iter().flat_map(|item| &item.line_items);
    let ids: Vec<String> = lines.filter_map(|line| line.meter_id.clone()).collect();
    let found = by_ids::<meter_rows::Entity>(rows, ids, |meter| &meter.id).await?;
    for line in items.iter_mut().flat_map(|item| &mut item.line_items) {
        let meter = line.meter_id.as_ref().and_then(|id| found.get(id));
        line.meter = meter.cloned().map(meters::domain_form);
    }
    Ok(())
}
