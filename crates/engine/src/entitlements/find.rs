//! Reading entitlements (spec 03 §4.4).

use tariff_contract::entitlements::{EntitlementFilter, EntitlementResponse, ListEntitlementsResponse};
use tariff_contract::expand::Allowed;
use tariff_contract::{Expand, Pagination};
use tariff_core::vocabulary::EntitlementEntityType;
use tariff_store::entity::entitlements;
use tariff_store::{Listing, Operand, Scoped, Test};

use super::{Embed, embedded, of_owners, of_plan, unknown_id};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::Narrow;

/// What `expand` allows on entitlements; other names are ignored (spec 01 A12).
const ENTITLEMENT_EXPAND: Allowed = &[("features", &[]), ("meters", &[]), ("plans", &[]), ("addons", &[])];

impl Engine {
    /// The entitlement of this id with its feature, and its plan if one owns it, whatever its status.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_entitlement(&self, context: &Context, id: &str) -> Result<EntitlementResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let entitlement = rows
            .get::<entitlements::Entity>(id)
            .await?
            .ok_or_else(|| unknown_id(id))?;
        let embed = Embed {
            features: true,
            meters: false,
            plans: true,
            addons: false,
        };
        embedded(&rows, vec![entitlement], embed)
            .await?
            .pop()
            .ok_or_else(|| unknown_id(id))
    }

    /// The published entitlements of a plan with their features; none for an unknown plan.
    ///
    /// # Errors
    /// Storage failures only.
    pub async fn list_plan_entitlements(&self, context: &Context, plan_id: &str) -> Result<ListEntitlementsResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let embed = Embed {
            features: true,
            meters: true,
            plans: true,
            addons: false,
        };
        all_of(&rows, of_plan(&rows, plan_id).await?, embed).await
    }

    /// The published entitlements of an addon with their features; none for an unknown addon.
    ///
    /// # Errors
    /// Storage failures only.
    pub async fn list_addon_entitlements(&self, context: &Context, addon_id: &str) -> Result<ListEntitlementsResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let embed = Embed {
            features: true,
            meters: true,
            plans: false,
            addons: true,
        };
        let found = of_owners(&rows, EntitlementEntityType::Addon, [addon_id.to_owned()]).await?;
        all_of(&rows, found, embed).await
    }

    /// The entitlements that match.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys.
    pub async fn list_entitlements(
        &self,
        context: &Context,
        filter: EntitlementFilter,
    ) -> Result<ListEntitlementsResponse> {
        let options = filter.list_options()?;
        let expand = Expand::parse_known(&options.expand, ENTITLEMENT_EXPAND);
        let listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"));
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let (found, total) = rows.page::<entitlements::Entity>(&narrowed(listing, filter)).await?;
        let embed = Embed {
            features: expand.has("features"),
            meters: expand.has("meters"),
            plans: expand.has("plans"),
            addons: expand.has("addons"),
        };
        Ok(ListEntitlementsResponse {
            items: embedded(&rows, found, embed).await?,
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }
}

/// All entitlements of an owner, on one page.
async fn all_of(rows: &Scoped<'_>, found: Vec<entitlements::Model>, embed: Embed) -> Result<ListEntitlementsResponse> {
    let items = embedded(rows, found, embed).await?;
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok(ListEntitlementsResponse {
        items,
        pagination: Pagination::unlimited(total),
    })
}

fn narrowed(listing: Listing, filter: EntitlementFilter) -> Listing {
    let mut listing = listing
        .equal_if("entity_type", filter.entity_type.map(|kind| kind.to_string()))
        .within_if("entity_id", filter.entity_ids)
        .within_if("feature_id", filter.feature_ids)
        .equal_if("feature_type", filter.feature_type.map(|kind| kind.to_string()));
    if let Some(plan_ids) = filter.plan_ids.filter(|ids| !ids.is_empty()) {
        listing = listing
            .equal("entity_type", EntitlementEntityType::Plan.as_str())
            .within("entity_id", plan_ids);
    }
    if let Some(enabled) = filter.is_enabled {
        listing = listing.with("is_enabled", Test::Equal(Operand::Boolean(enabled)));
    }
    match filter.has_grant_config {
        Some(true) => listing.with("grant_config", Test::IsNotNull),
        Some(false) => listing.with("grant_config", Test::IsNull),
        None => listing,
    }
}
