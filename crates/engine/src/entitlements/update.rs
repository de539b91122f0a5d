//! Updating an entitlement (spec 03 §4.4, Q5).

use tariff_contract::entitlements::{EntitlementResponse, UpdateEntitlementRequest};
use tariff_contract::rules::{self, GrantTerms};
use tariff_core::vocabulary::EntitlementAggregationMode;
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::entitlements;
use tariff_store::set;

use super::create::meter_of;
use super::grant::{self, GrantConfig};
use super::{response, unknown_id};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::features;
use crate::records::filled;

impl Engine {
    /// Updates the members that are sent; a `usage_limit` of zero makes it unlimited.
    ///
    /// # Errors
    /// `validation_error` for field rules and a grant that is ruled out; `not_found`.
    pub async fn update_entitlement(
        &self,
        context: &Context,
        id: &str,
        request: UpdateEntitlementRequest,
    ) -> Result<EntitlementResponse> {
        let work = self.begin(context).await?;
        let current = work
            .rows()
            .lock::<entitlements::Entity>(id)
            .await?
            .ok_or_else(|| unknown_id(id))?;
        request.validate(current.feature_type.0)?;
        let updated = write(&work, current, request).await?;
        work.publish("entitlement.updated", "entitlement", id).await?;
        work.commit().await?;
        Ok(response(updated))
    }
}

async fn write(
    work: &Work<'_>,
    current: entitlements::Model,
    request: UpdateEntitlementRequest,
) -> Result<entitlements::Model> {
    let mut changes = entitlements::ActiveModel {
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    };
    apply_grant(work, &current, &request, &mut changes).await?;
    if let Some(enabled) = request.is_enabled {
        changes.is_enabled = set(enabled);
    }
    if let Some(limit) = request.usage_limit {
        changes.usage_limit = set(Some(limit).filter(|limit| *limit != 0));
    }
    if let Some(period) = request.usage_reset_period {
        changes.usage_reset_period = set(Some(Word(period)));
    }
    if let Some(soft) = request.is_soft_limit {
        changes.is_soft_limit = set(soft);
    }
    if let Some(value) = filled(request.static_value) {
        changes.static_value = set(value);
    }
    if let Some(value) = request.config_value {
        changes.config_value = set(Some(Json(serde_json::Value::Object(value))));
    }
    let updated = work.rows().update::<entitlements::Entity>(&current.id, changes).await?;
    updated.ok_or_else(|| unknown_id(&current.id))
}

/// Lays the grant members that are sent over the stored ones, or wipes them, and checks the result as a whole.
async fn apply_grant(
    work: &Work<'_>,
    current: &entitlements::Model,
    request: &UpdateEntitlementRequest,
    changes: &mut entitlements::ActiveModel,
) -> Result<()> {
    let sent = request.grant_terms();
    let cleared = request.clear_grant_config.unwrap_or_default();
    if !cleared && !sent.is_configured() && request.aggregation_mode.is_none() {
        return Ok(());
    }
    let stored = GrantConfig::of(current)
        .filter(|_| !cleared)
        .map(GrantConfig::into_terms)
        .unwrap_or_default();
    let terms = GrantTerms {
        measure: sent.measure.or(stored.measure),
        quota: sent.quota.or(stored.quota),
        duration_unit: sent.duration_unit.or(stored.duration_unit),
        duration_value: sent.duration_value.or(stored.duration_value),
        allocation_behavior: sent.allocation_behavior.or(stored.allocation_behavior),
    };
    let kept_mode = current.aggregation_mode.map(|mode| mode.0).filter(|_| !cleared);
    let default_mode = terms.is_configured().then_some(EntitlementAggregationMode::Additive);
    let mode = request.aggregation_mode.or(kept_mode).or(default_mode);
    rules::validate_grant(&terms, mode, current.feature_type.0)?;
    let config = GrantConfig::of_terms(terms);
    if let Some(config) = &config {
        let feature = features::get(&work.rows(), &current.feature_id).await?;
        let meter = meter_of(work, &feature).await?;
        let mode = mode.unwrap_or(EntitlementAggregationMode::Additive);
        grant::check(work, config, mode, (&current.id, &feature.id), meter.as_ref()).await?;
    }
    changes.aggregation_mode = set(mode.map(Word));
    changes.grant_config = set(config.map(GrantConfig::into_document).transpose()?);
    Ok(())
}
