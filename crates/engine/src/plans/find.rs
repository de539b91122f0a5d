//! Reading plans, with what belongs to them (spec 03 §4.1).

use std::collections::BTreeMap;

use tariff_contract::entitlements::EntitlementResponse;
use tariff_contract::expand::Allowed;
use tariff_contract::plans::{ListPlansResponse, PlanFilter, PlanResponse};
use tariff_contract::prices::PriceResponse;
use tariff_contract::{Expand, Pagination};
use tariff_core::Timestamp;
use tariff_core::vocabulary::{EntitlementEntityType, PriceEntityType};
use tariff_store::entity::plans;
use tariff_store::{Scoped, Test};

use super::{get, response};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::Narrow;
use crate::{entitlements, prices};

/// What `expand` allows on plans; other names are ignored (spec 01 A12).
const PLAN_EXPAND: Allowed = &[
    ("prices", &["meters", "priceunit"]),
    ("meters", &[]),
    ("entitlements", &["features"]),
    ("features", &[]),
    ("credit_grant", &["features"]),
    ("priceunit", &[]),
];

/// What of a plan's belongings an answer shows.
struct Belongings {
    prices: Option<prices::Embed>,
    /// Hides prices that have ended by then.
    unexpired_at: Option<Timestamp>,
    entitlements: Option<entitlements::Embed>,
}

impl Engine {
    /// The plan of this id with its prices, ended ones included, and its entitlements, whatever its status.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_plan(&self, context: &Context, id: &str) -> Result<PlanResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let plan = get(&rows, id).await?;
        let belongings = Belongings {
            prices: Some(prices::Embed::OWN),
            unexpired_at: None,
            entitlements: Some(entitlements::Embed {
                features: true,
                meters: true,
                plans: true,
                addons: false,
            }),
        };
        let answer = with_belongings(&rows, vec![plan], &belongings).await?.pop();
        answer.ok_or_else(|| super::unknown_id(id))
    }

    /// The plans that match.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys.
    pub async fn list_plans(&self, context: &Context, filter: PlanFilter) -> Result<ListPlansResponse> {
        let options = filter.list_options()?;
        let expand = Expand::parse_known(&options.expand, PLAN_EXPAND);
        let mut listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"))
            .within_if("id", filter.plan_ids)
            .equal_if("lookup_key", filter.lookup_key);
        for (key, value) in filter.metadata.unwrap_or_default() {
            listing = listing.with("metadata", Test::HasPair(key, value));
        }
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let (plans, total) = rows.page::<plans::Entity>(&listing).await?;
        Ok(ListPlansResponse {
            items: with_belongings(&rows, plans, &belongings(&expand, context.now())).await?,
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }
}

fn belongings(expand: &Expand, now: Timestamp) -> Belongings {
    Belongings {
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

/// Plans in the same order, with what is asked for; one query per kind of record.
async fn with_belongings(
    rows: &Scoped<'_>,
    plans: Vec<plans::Model>,
    wanted: &Belongings,
) -> Result<Vec<PlanResponse>> {
    let ids: Vec<String> = plans.iter().map(|plan| plan.id.clone()).collect();
    let mut plan_prices: BTreeMap<String, Vec<PriceResponse>> = BTreeMap::new();
    if let Some(embed) = wanted.prices {
        let found = prices::of_owners(rows, PriceEntityType::Plan, ids.clone(), wanted.unexpired_at).await?;
        for price in prices::embedded(rows, found, embed).await? {
            plan_prices.entry(price.entity_id.clone()).or_default().push(price);
        }
    }
    let mut plan_entitlements: BTreeMap<String, Vec<EntitlementResponse>> = BTreeMap::new();
    if let Some(embed) = wanted.entitlements {
        let found = entitlements::of_owners(rows, EntitlementEntityType::Plan, ids).await?;
        for entitlement in entitlements::embedded(rows, found, embed).await? {
            plan_entitlements
                .entry(entitlement.entity_id.clone())
                .or_default()
                .push(entitlement);
        }
    }
    let answer = |plan: plans::Model| {
        let mut answer = response(plan);
        answer.prices = plan_prices.remove(&answer.id).unwrap_or_default();
        answer.entitlements = plan_entitlements.remove(&answer.id).unwrap_or_default();
        answer
    };
    Ok(plans.into_iter().map(answer).collect())
}
