//! Updating an entitlement (spec 03 §4.4, Q5).

use tariff_contract::entitlements::{CreateEntitlementRequest, EntitlementResponse, UpdateEntitlementRequest};
use tariff_contract::validate::FieldErrors;
use tariff_core::vocabulary::{EntitlementAggregationMode, FeatureType};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::entitlements;
use tariff_store::set;

use super::grant::{self, GrantConfig};
use super::rules::{check_unique, locked_feature, meter_of};
use super::{feature_taken, response, unknown_id};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::{Result, on_duplicate};
use crate::records::filled;

impl Engine {
    /// Updates the members that are sent; a `usage_limit` of zero or null makes it unlimited.
    ///
    /// # Errors
    /// `validation_error` for field rules and a grant that is ruled out; `not_found`; `already_exists` when it is parallel
    /// no more and the owner has another entitlement of the feature.
    pub async fn update_entitlement(
        &self,
        context: &Context,
        id: &str,
        request: UpdateEntitlementRequest,
    ) -> Result<EntitlementResponse> {
        let work = self.begin(context).await?;
        let rows = work.rows();
        if names_grant(&request) {
            // Before the entitlement, as on creation.
            let found = rows.get::<entitlements::Entity>(id).await?;
            locked_feature(&work, &found.ok_or_else(|| unknown_id(id))?.feature_id).await?;
        }
        let current = rows.lock::<entitlements::Entity>(id).await?;
        let current = current.ok_or_else(|| unknown_id(id))?;
        check(&request, current.feature_type.0)?;
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
        changes.usage_limit = set(limit.filter(|limit| *limit != 0));
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
    let updated = work.rows().update::<entitlements::Entity>(&current.id, changes).await;
    let updated = updated.map_err(on_duplicate(feature_taken(&current.feature_id)))?;
    let updated = updated.ok_or_else(|| unknown_id(&current.id))?;
    if updated.aggregation_mode != current.aggregation_mode {
        check_unique(work, &updated).await?;
    }
    Ok(updated)
}

/// The rules of the members that are sent, for a feature of this type.
fn check(request: &UpdateEntitlementRequest, feature_type: FeatureType) -> Result<()> {
    let mut errors = FieldErrors::new();
    let counted = request.usage_limit.flatten().is_none_or(|limit| limit >= 0);
    errors.check(counted, "usage_limit", "must not be negative");
    if let Some(value) = &request.config_value {
        errors.check(
            feature_type == FeatureType::Config,
            "config_value",
            "is only for config features",
        );
        let named = value.keys().all(|key| !key.trim().is_empty());
        errors.check(named, "config_value", "must not have blank keys");
    }
    Ok(errors.finish()?)
}

/// Lays the grant members that are sent over the stored ones, or wipes them, and checks the result as a whole.
async fn apply_grant(
    work: &Work<'_>,
    current: &entitlements::Model,
    request: &UpdateEntitlementRequest,
    changes: &mut entitlements::ActiveModel,
) -> Result<()> {
    if !names_grant(request) {
        return Ok(());
    }
    let cleared = request.clear_grant_config.unwrap_or_default();
    let stored = if cleared { None } else { GrantConfig::of(current) };
    let kept_mode = current.aggregation_mode.map(|mode| mode.0).filter(|_| !cleared);
    let terms = merged_terms(current, stored, kept_mode, request);
    terms.validate()?;
    let config = GrantConfig::of_request(&terms);
    let mode = terms
        .aggregation_mode
        .or(config.as_ref().map(|_| EntitlementAggregationMode::Additive));
    if let Some(config) = &config {
        let feature = locked_feature(work, &current.feature_id).await?;
        let meter = meter_of(work, &feature).await?;
        let mode = mode.unwrap_or(EntitlementAggregationMode::Additive);
        grant::check(work, config, mode, (&current.id, &feature.id), meter.as_ref()).await?;
    }
    changes.aggregation_mode = set(mode.map(Word));
    changes.grant_config = set(config.map(GrantConfig::into_document).transpose()?);
    Ok(())
}

fn names_grant(request: &UpdateEntitlementRequest) -> bool {
    request.clear_grant_config.unwrap_or_default()
        || request.grant_measure.is_some()
        || request.grant_quota.is_some()
        || request.grant_duration_unit.is_some()
        || request.grant_duration_value.is_some()
        || request.grant_allocation_behavior.is_some()
        || request.aggregation_mode.is_some()
}

/// The request that would create the entitlement with the grant it is to have, so that the rules of creation decide.
fn merged_terms(
    current: &entitlements::Model,
    stored: Option<GrantConfig>,
    kept_mode: Option<EntitlementAggregationMode>,
    request: &UpdateEntitlementRequest,
) -> CreateEntitlementRequest {
    let stored = stored.as_ref();
    CreateEntitlementRequest {
        entity_type: Some(current.entity_type.0),
        entity_id: Some(current.entity_id.clone()),
        feature_id: Some(current.feature_id.clone()),
        feature_type: Some(current.feature_type.0),
        static_value: Some(current.static_value.clone()),
        aggregation_mode: request.aggregation_mode.or(kept_mode),
        grant_measure: request.grant_measure.or(stored.map(|grant| grant.measure)),
        grant_quota: request.grant_quota.clone().or(stored.map(|grant| grant.quota.clone())),
        grant_duration_unit: request.grant_duration_unit.or(stored.map(|grant| grant.duration_unit)),
        grant_duration_value: request
            .grant_duration_value
            .or(stored.and_then(|grant| grant.duration_value)),
        grant_allocation_behavior: request
            .grant_allocation_behavior
            .or(stored.and_then(|grant| grant.allocation_behavior)),
        ..CreateEntitlementRequest::default()
    }
}
