//! Reading plans, with what belongs to them (spec 03 §4.1).

use tariff_contract::plans::{ListPlansResponse, PLAN_EXPAND, PlanFilter, PlanResponse};
use tariff_contract::{Expand, Pagination};
use tariff_core::vocabulary::{EntitlementEntityType, PriceEntityType};
use tariff_store::entity::plans;
use tariff_store::{Scoped, Test};

use super::{get, response};
use crate::belongings::Belongings;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::Narrow;
use crate::{entitlements, prices};

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
            items: with_belongings(&rows, plans, &Belongings::asked_for(&expand, context.now())).await?,
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }
}

/// Plans in the same order, with what is asked for.
pub(crate) async fn with_belongings(
    rows: &Scoped<'_>,
    plans: Vec<plans::Model>,
    wanted: &Belongings,
) -> Result<Vec<PlanResponse>> {
    let ids = plans.iter().map(|plan| plan.id.clone()).collect();
    let kinds = (PriceEntityType::Plan, EntitlementEntityType::Plan);
    let mut by_owner = wanted.of_owners(rows, kinds, ids).await?;
    let answer = |plan: plans::Model| {
        let mut answer = response(plan);
        (answer.prices, answer.entitlements) = by_owner.take(&answer.id);
        answer
    };
    Ok(plans.into_iter().map(answer).collect())
}
