//! Copying a plan with its prices and entitlements (spec 03 §5.8).

use tariff_contract::plans::{ClonePlanRequest, PlanResponse};
use tariff_core::vocabulary::EntitlementEntityType;
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::plans;

use super::create::insert;
use super::{get, response};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::ids::mint;
use crate::{entitlements, prices};

/// Metadata entry that names the plan a copy was made from.
const SOURCE: &str = "source_plan_id";

impl Engine {
    /// Copies a plan, its published prices that have not ended, and its published entitlements. All or nothing.
    ///
    /// # Errors
    /// `validation_error` without name or lookup key; `not_found`; `already_exists` when the key is taken.
    pub async fn clone_plan(&self, context: &Context, id: &str, request: ClonePlanRequest) -> Result<PlanResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let source = get(&work.rows(), id).await?;
        let plan = copy_plan(&work, source, request).await?;
        let mut answer = response(plan);
        answer.prices = copy_prices(&work, id, &answer.id)
            .await?
            .into_iter()
            .map(prices::response)
            .collect();
        let copied = copy_entitlements(&work, id, &answer.id).await?;
        answer.entitlements = copied.into_iter().map(entitlements::response).collect();
        work.commit().await?;
        Ok(answer)
    }
}

async fn copy_plan(work: &Work<'_>, source: plans::Model, request: ClonePlanRequest) -> Result<plans::Model> {
    let mut metadata = source.metadata.map(|metadata| metadata.0).unwrap_or_default();
    metadata.extend(request.metadata.unwrap_or_default());
    metadata.insert(SOURCE.to_owned(), source.id);
    let plan = plans::Model {
        id: mint(IdPrefix::Plan),
        name: request.name.unwrap_or_default(),
        lookup_key: request.lookup_key.unwrap_or_default(),
        description: request.description.unwrap_or(source.description),
        display_order: request.display_order.unwrap_or(source.display_order),
        metadata: Some(Json(metadata)),
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: work.context.user_id.clone(),
        updated_by: work.context.user_id.clone(),
        ..source
    };
    insert(work, plan).await
}

async fn copy_prices(
    work: &Work<'_>,
    source_id: &str,
    plan_id: &str,
) -> Result<Vec<tariff_store::entity::prices::Model>> {
    let sources = prices::of_plan(&work.rows(), source_id, work.now).await?;
    let mut copies = Vec::with_capacity(sources.len());
    // Oldest first, so that the copies keep the order of their sources.
    for mut price in sources.into_iter().rev() {
        price.id = mint(IdPrefix::Price);
        plan_id.clone_into(&mut price.entity_id);
        price.lookup_key.clear();
        price.parent_price_id.clear();
        (price.created_at, price.updated_at) = (Time(work.now), Time(work.now));
        price.created_by.clone_from(&work.context.user_id);
        price.updated_by.clone_from(&work.context.user_id);
        copies.push(prices::insert(work, price).await?);
    }
    Ok(copies)
}

async fn copy_entitlements(
    work: &Work<'_>,
    source_id: &str,
    plan_id: &str,
) -> Result<Vec<tariff_store::entity::entitlements::Model>> {
    let sources = entitlements::of_owners(&work.rows(), EntitlementEntityType::Plan, [source_id.to_owned()]).await?;
    let mut copies = Vec::with_capacity(sources.len());
    for mut entitlement in sources.into_iter().rev() {
        entitlement.id = mint(IdPrefix::Entitlement);
        plan_id.clone_into(&mut entitlement.entity_id);
        (entitlement.created_at, entitlement.updated_at) = (Time(work.now), Time(work.now));
        entitlement.created_by.clone_from(&work.context.user_id);
        entitlement.updated_by.clone_from(&work.context.user_id);
        copies.push(entitlements::insert(work, entitlement).await?);
    }
    Ok(copies)
}
