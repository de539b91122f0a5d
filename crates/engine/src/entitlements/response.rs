//! The wire form of an entitlement.

use tariff_contract::DateTime;
use tariff_contract::entitlements::EntitlementResponse;
use tariff_core::vocabulary::EntitlementEntityType;
use tariff_store::entity::entitlements;

use super::GrantConfig;
use crate::records::filled;

/// The wire form of an entitlement, without related records.
pub(crate) fn response(entitlement: entitlements::Model) -> EntitlementResponse {
    let grant = GrantConfig::of(&entitlement);
    let grant = grant.as_ref();
    let config_value = entitlement.config_value.and_then(|value| match value.0 {
        serde_json::Value::Object(members) => Some(members),
        _ => None,
    });
    let owned_by_plan = entitlement.entity_type.0 == EntitlementEntityType::Plan;
    EntitlementResponse {
        id: entitlement.id,
        entity_type: entitlement.entity_type.0,
        plan_id: owned_by_plan.then(|| entitlement.entity_id.clone()),
        entity_id: entitlement.entity_id,
        feature_id: entitlement.feature_id,
        feature_type: entitlement.feature_type.0,
        is_enabled: entitlement.is_enabled,
        usage_limit: entitlement.usage_limit,
        usage_reset_period: entitlement.usage_reset_period.map(|period| period.0),
        is_soft_limit: entitlement.is_soft_limit,
        static_value: filled(Some(entitlement.static_value)),
        config_value,
        display_order: entitlement.display_order,
        parent_entitlement_id: entitlement.parent_entitlement_id,
        start_date: entitlement.start_date.map(|start| DateTime(start.0)),
        end_date: entitlement.end_date.map(|end| DateTime(end.0)),
        aggregation_mode: entitlement.aggregation_mode.map(|mode| mode.0),
        grant_measure: grant.map(|grant| grant.measure),
        grant_quota: grant.map(|grant| grant.quota.clone()),
        grant_duration_unit: grant.map(|grant| grant.duration_unit),
        grant_duration_value: grant.and_then(|grant| grant.duration_value),
        grant_allocation_behavior: grant.and_then(|grant| grant.allocation_behavior),
        feature: None,
        plan: None,
        addon: None,
        tenant_id: entitlement.tenant_id,
        environment_id: entitlement.environment_id,
        status: entitlement.status.0,
        created_at: DateTime(entitlement.created_at.0),
        updated_at: DateTime(entitlement.updated_at.0),
        created_by: entitlement.created_by,
        updated_by: entitlement.updated_by,
    }
}
