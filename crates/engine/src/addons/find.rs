//! Reading addons, with what belongs to them (spec 03 §4.3).

use tariff_contract::addons::{ADDON_EXPAND, AddonFilter, AddonResponse, ListAddonsResponse};
use tariff_contract::error::ApiError;
use tariff_contract::{Expand, Pagination};
use tariff_core::Timestamp;
use tariff_core::vocabulary::{EntitlementEntityType, PriceEntityType};
use tariff_store::entity::addons;
use tariff_store::{Listing, Scoped};

use super::{get, response, unknown_id};
use crate::belongings::Belongings;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::Narrow;
use crate::{entitlements, prices};

impl Engine {
    /// The addon of this id with its prices that have not ended and its entitlements, whatever its status.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_addon(&self, context: &Context, id: &str) -> Result<AddonResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let addon = get(&rows, id).await?;
        complete(&rows, addon, context.now()).await
    }

    /// As [`Engine::get_addon`], for the published addon of this lookup key.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_addon_by_lookup_key(&self, context: &Context, lookup_key: &str) -> Result<AddonResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let listing = Listing::all().equal("lookup_key", lookup_key).published();
        let addon = rows
            .first::<addons::Entity>(listing)
            .await?
            .filter(|addon| !addon.lookup_key.is_empty());
        let addon = addon.ok_or_else(|| {
            let message = format!("Addon with lookup key {lookup_key} was not found");
            Error(ApiError::not_found(message).detail("lookup_key", lookup_key))
        })?;
        complete(&rows, addon, context.now()).await
    }

    /// The addons that match.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys.
    pub async fn list_addons(&self, context: &Context, filter: AddonFilter) -> Result<ListAddonsResponse> {
        let options = filter.list_options()?;
        let expand = Expand::parse_known(&options.expand, ADDON_EXPAND);
        let listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"))
            .within_if("id", filter.addon_ids)
            .within_if("lookup_key", filter.lookup_keys);
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let (page, total) = rows.page::<addons::Entity>(&listing).await?;
        Ok(ListAddonsResponse {
            items: with_belongings(&rows, page, &Belongings::asked_for(&expand, context.now())).await?,
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }
}

/// An addon with all that belongs to it and has not ended.
async fn complete(rows: &Scoped<'_>, addon: addons::Model, now: Timestamp) -> Result<AddonResponse> {
    let id = addon.id.clone();
    let all = Belongings {
        prices: Some(prices::Embed::OWN),
        unexpired_at: Some(now),
        entitlements: Some(entitlements::Embed {
            features: true,
            meters: true,
            plans: false,
            addons: false,
        }),
    };
    let answer = with_belongings(rows, vec![addon], &all).await?.pop();
    answer.ok_or_else(|| unknown_id(&id))
}

/// Addons in the same order, with what is asked for.
async fn with_belongings(
    rows: &Scoped<'_>,
    addons: Vec<addons::Model>,
    wanted: &Belongings,
) -> Result<Vec<AddonResponse>> {
    let ids = addons.iter().map(|addon| addon.id.clone()).collect();
    let kinds = (PriceEntityType::Addon, EntitlementEntityType::Addon);
    let mut by_owner = wanted.of_owners(rows, kinds, ids).await?;
    let answer = |addon: addons::Model| {
        let mut answer = response(addon);
        (answer.prices, answer.entitlements) = by_owner.take(&answer.id);
        answer
    };
    Ok(addons.into_iter().map(answer).collect())
}
