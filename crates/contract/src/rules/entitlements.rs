//! Entitlements and their grant configuration (spec 03 §3.5).

use serde_json::{Map, Value};
use tariff_core::Decimal;
use tariff_core::vocabulary::{EntitlementAggregationMode, FeatureType};

use crate::entitlements::{
    CreateBulkEntitlementRequest, CreateEntitlementRequest, EntitlementGrantAllocationBehavior,
    EntitlementGrantDurationUnit, EntitlementGrantMeasure, UpdateEntitlementRequest,
};
use crate::error::ApiError;
use crate::validate::FieldErrors;

/// The members of a grant configuration, as sent or as stored.
#[derive(Debug, Clone, Default)]
pub struct GrantTerms {
    /// What the grant counts.
    pub measure: Option<EntitlementGrantMeasure>,
    /// Size of each grant.
    pub quota: Option<Decimal>,
    /// Unit of the duration.
    pub duration_unit: Option<EntitlementGrantDurationUnit>,
    /// Duration in its unit.
    pub duration_value: Option<i64>,
    /// When the grant opens.
    pub allocation_behavior: Option<EntitlementGrantAllocationBehavior>,
}

impl GrantTerms {
    /// Whether any member is given.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.measure.is_some()
            || self.quota.is_some()
            || self.duration_unit.is_some()
            || self.duration_value.is_some()
            || self.allocation_behavior.is_some()
    }

    /// Records the members that break a rule: all or nothing, and for metered features only.
    pub fn check(&self, feature_type: Option<FeatureType>, errors: &mut FieldErrors) {
        if !self.is_configured() {
            return;
        }
        let metered = feature_type.is_none_or(|kind| kind == FeatureType::Metered);
        errors.check(metered, "grant_measure", "is only for metered features");
        errors.present("grant_measure", self.measure.as_ref());
        errors.present("grant_quota", self.quota.as_ref());
        errors.positive("grant_quota", self.quota.as_ref());
        errors.present("grant_duration_unit", self.duration_unit.as_ref());
        match self.duration_unit {
            Some(EntitlementGrantDurationUnit::SubscriptionPeriod) => {
                errors.check(
                    self.duration_value.is_none(),
                    "grant_duration_value",
                    "is not for subscription_period",
                );
                let plain = self.allocation_behavior.is_none();
                errors.check(plain, "grant_allocation_behavior", "is not for subscription_period");
            }
            Some(
                EntitlementGrantDurationUnit::Hour
                | EntitlementGrantDurationUnit::Day
                | EntitlementGrantDurationUnit::Week,
            )
            | None => {
                let lasting = self.duration_value.is_some_and(|value| value >= 1);
                errors.check(lasting, "grant_duration_value", "must be at least 1");
            }
        }
    }
}

impl CreateEntitlementRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        let by_entity = self.entity_type.is_some() && self.entity_id.as_deref().is_some_and(|id| !id.is_empty());
        let by_plan = self.plan_id.as_deref().is_some_and(|id| !id.is_empty());
        errors.check(
            by_entity || by_plan,
            "entity_id",
            "entity_type and entity_id, or plan_id, are required",
        );
        errors.required("feature_id", self.feature_id.as_ref());
        errors.present("feature_type", self.feature_type.as_ref());
        check_usage_limit(&mut errors, self.usage_limit);
        if self.feature_type == Some(FeatureType::Static) {
            errors.required("static_value", self.static_value.as_ref());
        }
        check_config_value(&mut errors, self.feature_type, self.config_value.as_ref());
        let terms = self.grant_terms();
        terms.check(self.feature_type, &mut errors);
        check_mode(&mut errors, self.aggregation_mode, terms.is_configured());
        if let Some((start, end)) = self.start_date.zip(self.end_date) {
            errors.check(end.0 >= start.0, "end_date", "must not be before start_date");
        }
        errors.finish()
    }

    /// The grant configuration as sent.
    #[must_use]
    pub fn grant_terms(&self) -> GrantTerms {
        GrantTerms {
            measure: self.grant_measure,
            quota: self.grant_quota.clone(),
            duration_unit: self.grant_duration_unit,
            duration_value: self.grant_duration_value,
            allocation_behavior: self.grant_allocation_behavior,
        }
    }
}

impl CreateBulkEntitlementRequest {
    /// Checks the number of items and the field rules of each.
    ///
    /// # Errors
    /// `validation_error`; for a fault of an item with its `index`.
    pub fn validate(&self) -> Result<(), ApiError> {
        let items = self.items.as_deref().unwrap_or_default();
        super::check_bulk_size(items.len())?;
        items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| item.validate().map_err(|error| super::at_index(error, index)))
    }
}

impl UpdateEntitlementRequest {
    /// Checks the rules of the members that are sent, for a feature of this type.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self, feature_type: FeatureType) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        check_usage_limit(&mut errors, self.usage_limit);
        check_config_value(&mut errors, Some(feature_type), self.config_value.as_ref());
        errors.finish()
    }

    /// The members of the grant configuration that are sent.
    #[must_use]
    pub fn grant_terms(&self) -> GrantTerms {
        GrantTerms {
            measure: self.grant_measure,
            quota: self.grant_quota.clone(),
            duration_unit: self.grant_duration_unit,
            duration_value: self.grant_duration_value,
            allocation_behavior: self.grant_allocation_behavior,
        }
    }
}

/// Checks a grant configuration after an update was merged in.
///
/// # Errors
/// `validation_error` with every failing field.
pub fn validate_grant(
    terms: &GrantTerms,
    mode: Option<EntitlementAggregationMode>,
    feature_type: FeatureType,
) -> Result<(), ApiError> {
    let mut errors = FieldErrors::new();
    terms.check(Some(feature_type), &mut errors);
    check_mode(&mut errors, mode, terms.is_configured());
    errors.finish()
}

fn check_usage_limit(errors: &mut FieldErrors, limit: Option<i64>) {
    errors.check(
        limit.is_none_or(|limit| limit >= 0),
        "usage_limit",
        "must not be negative",
    );
}

fn check_config_value(errors: &mut FieldErrors, kind: Option<FeatureType>, value: Option<&Map<String, Value>>) {
    let Some(value) = value else { return };
    let fits = kind.is_none_or(|kind| kind == FeatureType::Config);
    errors.check(fits, "config_value", "is only for config features");
    let named = value.keys().all(|key| !key.trim().is_empty());
    errors.check(named, "config_value", "must not have blank keys");
}

fn check_mode(errors: &mut FieldErrors, mode: Option<EntitlementAggregationMode>, granted: bool) {
    let fits = mode != Some(EntitlementAggregationMode::Parallel) || granted;
    errors.check(
        fits,
        "aggregation_mode",
        "parallel is only for entitlements with a grant",
    );
}
