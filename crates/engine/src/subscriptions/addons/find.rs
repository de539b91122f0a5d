//! The addons of a subscription (spec 03 §4.3).

use tariff_contract::addons::{ADDON_ASSOCIATION_EXPAND, ListAddonAssociationsResponse};
use tariff_contract::{Expand, Pagination};
use tariff_core::Period;
use tariff_store::entity::addons as addon_rows;

use super::response::listed;
use crate::addons;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::by_ids;
use crate::subscriptions::{get, plain_response};

impl Engine {
    /// The attachments of a subscription that are active in its current period, newest first.
    ///
    /// # Errors
    /// `validation_error` for an unknown `expand`; `not_found`.
    pub async fn list_addon_associations(
        &self,
        context: &Context,
        subscription_id: &str,
        expand: &str,
    ) -> Result<ListAddonAssociationsResponse> {
        let expand = Expand::parse(expand, ADDON_ASSOCIATION_EXPAND)?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let subscription = get(&rows, subscription_id).await?;
        let period = Period::new(subscription.current_period_start.0, subscription.current_period_end.0);
        let found = addons::active_in(&rows, subscription_id, period).await?;
        let mut items: Vec<_> = found.into_iter().map(listed).collect();
        if expand.has("addons") {
            let ids = items.iter().map(|item| item.addon_id.clone());
            let known = by_ids::<addon_rows::Entity>(&rows, ids, |addon| &addon.id).await?;
            for item in &mut items {
                item.addon = known.get(&item.addon_id).cloned().map(addons::response);
            }
        }
        if expand.has("subscription") && !items.is_empty() {
            let subscription = plain_response(&rows, subscription).await?;
            for item in &mut items {
                item.subscription = Some(subscription.clone());
            }
        }
        let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
        Ok(ListAddonAssociationsResponse {
            items,
            pagination: Pagination::unlimited(total),
        })
    }
}
