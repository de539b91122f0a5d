//! Reading addons, with what belongs to them (spec 03 §4.3).

use std::collections::BTreeMap;

use tariff_contract::addons::{ADDON_EXPAND, AddonFilter, AddonResponse, ListAddonsResponse};
use tariff_contract::entitlements::EntitlementResponse;
use tariff_contract::error::ApiError;
use tariff_contract::prices::PriceResponse;
use tariff_contract::{Expand, Pagination};
use tariff_core::Timestamp;
use tariff_core::vocabulary::{EntitlementEntityType, PriceEntityType};
use tariff_store::entity::addons;
use tariff_store::{Listing, Scoped};

use super::{get, response, unknown_id};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::Narrow;
use crate::{entitlements, prices};

/// What of an addon's belongings an answer shows.
#[derive(Debug, Clone, Copy)]
struct Belongings {
    prices: Option<prices::Embed>,
    entitlements: Option<entitlements::Embed>,
}

impl Belongings {
    /// What an addon by itself is answered with.
    const ALL: Self = Self {
        prices: Some(prices::Embed::OWN),
        entitlements: Some(entitlements::Embed {
            features: true,
            meters: true,
            plans: false,
            addons: false,
        }),
    };
}

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
            items: with_belongings(&rows, page, belongings(&expand), context.now()).await?,
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }
}

async fn complete(rows: &Scoped<'_>, addon: addons::Model, now: Timestamp) -> Result<AddonResponse> {
    let id = addon.id.clone();
    let answer = with_belongings(rows, vec![addon], Belongings::ALL, now).await?.pop();
    answer.ok_or_else(|| unknown_id(&id))
}

fn belongings(expand: &Expand) -> Belongings {
    Belongings {
        prices: expand.has("prices").then(|| prices::Embed {
            meters: expand.has("meters") || expand.has("prices.meters"),
            price_units: expand.has("priceunit") || expand.has("prices.priceunit"),
            groups: true,
            plans: false,
            addons: false,
        }),
        entitlements: expand.has("entitlements").then(|| entitlements::Embed {
            features: expand.has("features") || expand.has("entitlements.features"),
            meters: expand.has("meters"),
            plans: false,
            addons: false,
        }),
    }
}

/// Addons in the same order, with what is asked for; one query per kind of record.
async fn with_belongings(
    rows: &Scoped<'_>,
    addons: Vec<addons::Model>,
    wanted: Belongings,
    now: Timestamp,
) -> Result<Vec<AddonResponse>> {
    let ids: Vec<String> = addons.iter().map(|addon| addon.id.clone()).collect();
    let mut priced: BTreeMap<String, Vec<PriceResponse>> = BTreeMap::new();
    if let Some(embed) = wanted.prices {
        let found = prices::of_owners(rows, PriceEntityType::Addon, ids.clone(), Some(now)).await?;
        for price in prices::embedded(rows, found, embed).await? {
            priced.entry(price.entity_id.clone()).or_default().push(price);
        }
    }
    let mut granted: BTreeMap<String, Vec<EntitlementResponse>> = BTreeMap::new();
    if let Some(embed) = wanted.entitlements {
        let found = entitlements::of_owners(rows, EntitlementEntityType::Addon, ids).await?;
        for entitlement in entitlements::embedded(rows, found, embed).await? {
            granted
                .entry(entitlement.entity_id.clone())
                .or_default()
                .push(entitlement);
        }
    }
    let answer = |addon: addons::Model| {
        let mut answer = response(addon);
        answer.prices = priced.remove(&answer.id).unwrap_or_default();
        answer.entitlements = granted.remove(&answer.id).unwrap_or_default();
        answer
    };
    Ok(addons.into_iter().map(answer).collect())
}
