//! Meters on the wire (spec 02 §2.3, §3.2).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{AggregationType, ResetUsage, Status, WindowSize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::list::{list_filter, list_response};
use crate::time::DateTime;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};
use crate::wire::blank_as_none;

/// A new meter.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateMeterRequest {
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Name of the events.
    #[schema(required = true)]
    pub event_name: Option<String>,
    /// How events become one quantity.
    #[schema(required = true)]
    pub aggregation: Option<Aggregation>,
    /// Accepted values by property.
    pub filters: Option<Vec<MeterFilter>>,
    /// Whether usage starts again with each billing period.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub reset_usage: Option<ResetUsage>,
}

/// A meter.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeterResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Name of the events.
    pub event_name: String,
    /// How events become one quantity.
    pub aggregation: Aggregation,
    /// Accepted values by property.
    pub filters: Vec<MeterFilter>,
    /// Whether usage starts again with each billing period.
    pub reset_usage: ResetUsage,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Lifecycle state of the record.
    pub status: String,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
}

/// A meter as stored.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = meter::Meter)]
pub struct Meter {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Name of the events.
    pub event_name: String,
    /// How events become one quantity.
    pub aggregation: Aggregation,
    /// Accepted values by property.
    pub filters: Vec<MeterFilter>,
    /// Whether usage starts again with each billing period.
    pub reset_usage: ResetUsage,
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

/// How events become one quantity.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = meter::Aggregation)]
pub struct Aggregation {
    /// Width of the windows that are aggregated one by one.
    #[serde(deserialize_with = "blank_as_none")]
    pub bucket_size: Option<WindowSize>,
    /// Formula over properties, instead of a field.
    pub expression: Option<String>,
    /// Name of a property.
    pub field: Option<String>,
    /// Property keys to split by.
    pub group_by: Option<String>,
    /// Factor of the result; for `SUM_WITH_MULTIPLIER`.
    pub multiplier: Option<Decimal>,
    /// Kind of aggregation.
    #[serde(deserialize_with = "blank_as_none")]
    pub r#type: Option<AggregationType>,
}

/// The accepted values of one property.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = meter::Filter)]
pub struct MeterFilter {
    /// Name of the property.
    pub key: Option<String>,
    /// Accepted values.
    pub values: Option<Vec<String>>,
}

/// Merges more accepted values into a meter.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateMeterRequest {
    /// Values to add; none is ever removed.
    #[schema(required = true)]
    pub filters: Option<Vec<MeterFilter>>,
}

list_response! {
    /// A page of meters.
    ListMetersResponse of MeterResponse
}

list_filter! {
    /// Which meters to list.
    MeterListFilter as types::MeterFilter {
        /// Only these meters.
        pub meter_ids: Option<Vec<String>>,
        /// Only meters of these events.
        pub event_name: Option<String>,
    }
}

impl CreateMeterRequest {
    /// Checks the field rules (spec 02 §2.3). Whether an expression compiles is not a field rule.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        self.check(&mut errors);
        errors.finish()
    }

    /// Records the members that break a rule.
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        let event_name = self.event_name.as_deref().map(str::trim);
        errors.check(
            event_name.is_some_and(|name| !name.is_empty()),
            "event_name",
            "is required",
        );
        errors.length("event_name", event_name, 0, NAME_CHARS_MAX);
        errors.present("reset_usage", self.reset_usage.as_ref());
        match &self.aggregation {
            Some(aggregation) => {
                let mut inner = FieldErrors::new();
                aggregation.check(&mut inner);
                errors.nested("aggregation", inner);
            }
            None => errors.add("aggregation", "is required"),
        }
        errors.each("filters", self.filters.as_deref(), MeterFilter::check);
    }
}

impl UpdateMeterRequest {
    /// Checks the field rules (spec 02 §3.2).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("filters", self.filters.as_ref());
        errors.each("filters", self.filters.as_deref(), MeterFilter::check);
        errors.finish()
    }
}

impl MeterFilter {
    /// Records the members that break a rule.
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.required("key", self.key.as_ref());
        errors.required("values", self.values.as_ref());
    }
}

impl Aggregation {
    /// Records the members that break a rule.
    pub fn check(&self, errors: &mut FieldErrors) {
        let Some(aggregation_type) = self.r#type else {
            errors.add("type", "is required");
            return;
        };
        let has = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        use AggregationType as Type;
        if has(&self.expression) {
            let computes = matches!(
                aggregation_type,
                Type::Sum | Type::Avg | Type::Min | Type::Max | Type::Latest
            );
            errors.check(computes, "expression", "is only for SUM, AVG, MIN, MAX and LATEST");
            errors.check(!has(&self.field), "field", "excludes an expression");
        } else if aggregation_type != Type::Count {
            errors.check(has(&self.field), "field", "is required");
        }
        if aggregation_type == Type::SumWithMultiplier {
            errors.present("multiplier", self.multiplier.as_ref());
            errors.positive("multiplier", self.multiplier.as_ref());
        }
        if self.bucket_size.is_some() {
            let bucketed = matches!(aggregation_type, Type::Max | Type::Sum);
            errors.check(bucketed, "bucket_size", "is only for MAX and SUM");
        }
        if has(&self.group_by) {
            let grouped = aggregation_type == Type::Max && self.bucket_size.is_some();
            errors.check(grouped, "group_by", "is only for MAX with a bucket size");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aggregation_rules() {
        for (body, failed) in [
            (r#"{"type":"COUNT"}"#, None),
            (r#"{"type":"SUM"}"#, Some("field")),
            (r#"{"type":"SUM","field":"tokens"}"#, None),
            (r#"{"type":"SUM","expression":"a+b"}"#, None),
            (r#"{"type":"SUM","expression":"a+b","field":"a"}"#, Some("field")),
            (r#"{"type":"COUNT_UNIQUE","expression":"a"}"#, Some("expression")),
            (r#"{"type":"SUM_WITH_MULTIPLIER","field":"a"}"#, Some("multiplier")),
            (r#"{"type":"SUM_WITH_MULTIPLIER","field":"a","multiplier":"1.5"}"#, None),
            (r#"{"type":"AVG","field":"a","bucket_size":"DAY"}"#, Some("bucket_size")),
            (r#"{"type":"MIN","field":"a","bucket_size":"DAY"}"#, Some("bucket_size")),
            (r#"{"type":"MIN","expression":"a"}"#, None),
            (r#"{"type":"MAX","field":"a","group_by":"region"}"#, Some("group_by")),
            (
                r#"{"type":"MAX","field":"a","bucket_size":"HOUR","group_by":"region"}"#,
                None,
            ),
            (r#"{}"#, Some("type")),
        ] {
            let aggregation: Aggregation = serde_json::from_str(body).unwrap();
            let mut errors = FieldErrors::new();
            aggregation.check(&mut errors);
            assert_eq!(errors.fields().next(), failed, "{body}");
        }
    }
}
