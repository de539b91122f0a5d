//! The prices and entitlements that answers about plans and addons carry (spec 03 §4.1, §4.3).

use std::collections::BTreeMap;

use tariff_contract::Expand;
use tariff_contract::entitlements::EntitlementResponse;
use tariff_contract::prices::PriceResponse;
use tariff_core::Timestamp;
use tariff_core::vocabulary::{EntitlementEntityType, PriceEntityType};
use tariff_store::Scoped;

use crate::error::Result;
use crate::{entitlements, prices};

/// What of its owners' belongings an answer shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Belongings {
    pub prices: Option<prices::Embed>,
    /// Hides prices that have ended by then.
    pub unexpired_at: Option<Timestamp>,
    pub entitlements: Option<entitlements::Embed>,
}

impl Belongings {
    /// What a list shows: what `expand` asks for, without prices that have ended.
    pub(crate) fn asked_for(expand: &Expand, now: Timestamp) -> Self {
        Self {
            prices: expand.has("prices").then(|| prices::Embed {
                meters: expand.has("meters") || expand.has("prices.meters"),
                price_units: expand.has("priceunit") || expand.has("prices.priceunit"),
                groups: true,
                plans: false,
                addons: false,
            }),
            unexpired_at: Some(now),
            entitlements: expand.has("entitlements").then(|| entitlements::Embed {
                features: expand.has("features") || expand.has("entitlements.features"),
                meters: expand.has("meters"),
                plans: false,
                addons: false,
            }),
        }
    }

    /// Reads them for all these owners; one query per kind of record.
    pub(crate) async fn of_owners(
        &self,
        rows: &Scoped<'_>,
        (price_owner, entitlement_owner): (PriceEntityType, EntitlementEntityType),
        ids: Vec<String>,
    ) -> Result<ByOwner> {
        let mut by_owner = ByOwner::default();
        if let Some(embed) = self.prices {
            let found = prices::of_owners(rows, price_owner, ids.clone(), self.unexpired_at).await?;
            for price in prices::embedded(rows, found, embed).await? {
                let of_owner = by_owner.prices.entry(price.entity_id.clone()).or_default();
                of_owner.push(price);
            }
        }
        if let Some(embed) = self.entitlements {
            let found = entitlements::of_owners(rows, entitlement_owner, ids).await?;
            for entitlement in entitlements::embedded(rows, found, embed).await? {
                let of_owner = by_owner.entitlements.entry(entitlement.entity_id.clone()).or_default();
                of_owner.push(entitlement);
            }
        }
        Ok(by_owner)
    }
}

/// Belongings by the id of their owner.
#[derive(Debug, Default)]
pub(crate) struct ByOwner {
    prices: BTreeMap<String, Vec<PriceResponse>>,
    entitlements: BTreeMap<String, Vec<EntitlementResponse>>,
}

impl ByOwner {
    /// Hands over what belongs to an owner.
    pub(crate) fn take(&mut self, id: &str) -> (Vec<PriceResponse>, Vec<EntitlementResponse>) {
        let prices = self.prices.remove(id).unwrap_or_default();
        (prices, self.entitlements.remove(id).unwrap_or_default())
    }
}
