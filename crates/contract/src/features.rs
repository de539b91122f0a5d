//! Features on the wire (spec 02 §2.1, §3.1).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{FeatureType, Status};
use utoipa::ToSchema;

use crate::alerts::AlertSettings;
use crate::error::ApiError;
use crate::groups::{Group, GroupResponse};
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::meters::{CreateMeterRequest, MeterFilter, MeterResponse};
use crate::number::JsonNumber;
use crate::time::DateTime;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};
use crate::wire::blank_as_none;

/// A new feature.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateFeatureRequest {
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Id of the group.
    pub group_id: Option<String>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// The meter.
    pub meter: Option<CreateMeterRequest>,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Unit in which usage is shown.
    pub reporting_unit: Option<ReportingUnit>,
    /// Kind of feature.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub r#type: Option<FeatureType>,
    /// Name of several units.
    pub unit_plural: Option<String>,
    /// Name of one unit.
    pub unit_singular: Option<String>,
}

/// A change of a feature: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateFeatureRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Accepted values by property.
    pub filters: Option<Vec<MeterFilter>>,
    /// Id of the group.
    pub group_id: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Unit in which usage is shown.
    pub reporting_unit: Option<ReportingUnit>,
    /// Name of several units.
    pub unit_plural: Option<String>,
    /// Name of one unit.
    pub unit_singular: Option<String>,
}

/// A copy of a feature under a new name.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CloneFeatureRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// A feature.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FeatureResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Text shown to people.
    pub description: String,
    /// The group.
    pub group: Option<GroupResponse>,
    /// Id of the group.
    pub group_id: Option<String>,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// The meter.
    pub meter: Option<MeterResponse>,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Unit in which usage is shown.
    pub reporting_unit: Option<ReportingUnit>,
    /// Kind of feature.
    pub r#type: FeatureType,
    /// Name of several units.
    pub unit_plural: String,
    /// Name of one unit.
    pub unit_singular: String,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

/// A feature as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Feature {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Text shown to people.
    pub description: String,
    /// The group.
    pub group: Option<Group>,
    /// Id of the group.
    pub group_id: Option<String>,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Unit in which usage is shown.
    pub reporting_unit: Option<ReportingUnit>,
    /// Kind of feature.
    pub r#type: FeatureType,
    /// Name of several units.
    pub unit_plural: String,
    /// Name of one unit.
    pub unit_singular: String,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

/// The unit in which usage is shown.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::ReportingUnit)]
pub struct ReportingUnit {
    /// Units of the base currency per unit.
    pub conversion_rate: Option<JsonNumber>,
    /// Name of several units.
    pub unit_plural: Option<String>,
    /// Name of one unit.
    pub unit_singular: Option<String>,
}

list_response! {
    /// A page of features.
    ListFeaturesResponse of FeatureResponse
}

list_filter! {
    /// Which features to list.
    FeatureFilter as types::FeatureFilter {
        /// Only these features.
        pub feature_ids: Option<Vec<String>>,
        /// The caller's own key, unique among published records.
        pub lookup_key: Option<String>,
        /// Only these lookup keys.
        pub lookup_keys: Option<Vec<String>>,
        /// Only with these meters.
        pub meter_ids: Option<Vec<String>>,
        /// Only names that contain this, in any letter case.
        pub name_contains: Option<String>,
    }
}

/// Fractional digits of a reporting unit's rate that are kept.
const RATE_DIGITS: u32 = 10;

/// Longest unit name, in code points.
const UNIT_CHARS_MAX: usize = 50;

impl CreateFeatureRequest {
    /// Checks the field rules (spec 02 §2.1).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.present("type", self.r#type.as_ref());
        errors.length("lookup_key", self.lookup_key.as_deref(), 0, NAME_CHARS_MAX);
        check_units(self.unit_singular.as_deref(), self.unit_plural.as_deref(), &mut errors);
        let unit = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
        let paired = unit(self.unit_singular.as_deref()) == unit(self.unit_plural.as_deref());
        errors.check(paired, "unit_plural", "goes together with unit_singular");
        if let Some(reporting_unit) = &self.reporting_unit {
            reporting_unit.check(&mut errors);
        }
        if let Some(settings) = &self.alert_settings {
            settings.check(&mut errors);
        }
        if self.r#type == Some(FeatureType::Metered) && self.meter_id.as_ref().is_none_or(String::is_empty) {
            match &self.meter {
                Some(meter) => {
                    let mut inner = FieldErrors::new();
                    meter.check(&mut inner);
                    errors.nested("meter", inner);
                }
                None => errors.add("meter_id", "is required for metered features"),
            }
        }
        errors.finish()
    }
}

impl UpdateFeatureRequest {
    /// Checks the field rules that need no stored record (spec 02 §2.1).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 1, NAME_CHARS_MAX);
        check_units(self.unit_singular.as_deref(), self.unit_plural.as_deref(), &mut errors);
        if let Some(reporting_unit) = &self.reporting_unit {
            reporting_unit.check(&mut errors);
        }
        errors.each("filters", self.filters.as_deref(), MeterFilter::check);
        errors.finish()
    }
}

impl CloneFeatureRequest {
    /// Checks the field rules (spec 02 §3.1).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.required_text("lookup_key", self.lookup_key.as_ref(), NAME_CHARS_MAX);
        errors.finish()
    }
}

impl ReportingUnit {
    /// The rate with the digits that are kept; one that is too small to keep any is no rate.
    #[must_use]
    pub fn kept_rate(&self) -> Option<Decimal> {
        self.conversion_rate.as_ref().map(|rate| rate.0.round(RATE_DIGITS))
    }

    fn check(&self, errors: &mut FieldErrors) {
        let mut inner = FieldErrors::new();
        inner.required_text("unit_singular", self.unit_singular.as_ref(), UNIT_CHARS_MAX);
        inner.required_text("unit_plural", self.unit_plural.as_ref(), UNIT_CHARS_MAX);
        inner.present("conversion_rate", self.conversion_rate.as_ref());
        inner.positive("conversion_rate", self.kept_rate().as_ref());
        errors.nested("reporting_unit", inner);
    }
}

fn check_units(singular: Option<&str>, plural: Option<&str>, errors: &mut FieldErrors) {
    errors.length("unit_singular", singular, 0, UNIT_CHARS_MAX);
    errors.length("unit_plural", plural, 0, UNIT_CHARS_MAX);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn create_rules() {
        for (body, failed) in [
            (r#"{"name":"SSO","type":"boolean"}"#, None),
            (r#"{"name":"","type":"boolean"}"#, Some("name")),
            (r#"{"name":"SSO"}"#, Some("type")),
            (r#"{"name":"API","type":"metered"}"#, Some("meter_id")),
            (r#"{"name":"API","type":"metered","meter_id":"meter_1"}"#, None),
            (
                r#"{"name":"API","type":"metered","meter":{"name":"m","event_name":"e","reset_usage":"NEVER",
                    "aggregation":{"type":"SUM"}}}"#,
                Some("meter.aggregation.field"),
            ),
            (
                r#"{"name":"A","type":"static","unit_singular":"x"}"#,
                Some("unit_plural"),
            ),
            (
                r#"{"name":"A","type":"static","reporting_unit":{"unit_singular":"s","unit_plural":"s","conversion_rate":0}}"#,
                Some("reporting_unit.conversion_rate"),
            ),
            (
                r#"{"name":"A","type":"static","reporting_unit":{"unit_singular":"s","unit_plural":"s","conversion_rate":0.00000000004}}"#,
                Some("reporting_unit.conversion_rate"),
            ),
            (
                r#"{"name":"A","type":"static","reporting_unit":{"unit_singular":"s","unit_plural":"s","conversion_rate":0.0000000001}}"#,
                None,
            ),
            (
                r#"{"name":"A","type":"static","reporting_unit":{"unit_singular":"s","conversion_rate":1}}"#,
                Some("reporting_unit.unit_plural"),
            ),
            (
                r#"{"name":"A","type":"static","alert_settings":{"alert_enabled":true}}"#,
                Some("alert_settings"),
            ),
        ] {
            let request: CreateFeatureRequest = serde_json::from_str(body).unwrap();
            let failing = request
                .validate()
                .err()
                .and_then(|error| error.details.into_keys().next());
            assert_eq!(failing.as_deref(), failed, "{body}");
        }
    }
}
