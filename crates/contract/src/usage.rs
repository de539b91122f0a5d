//! Questions about raw usage (spec 02 §3.6), and the usage of a customer or subscription.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{AggregationType, WindowSize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::number::JsonNumber;
use crate::time::{AnchorDay, DateTime};
use crate::validate::FieldErrors;
use crate::wire::blank_as_none;

/// An aggregate over raw events of one name.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GetUsageRequest {
    /// Name of the events.
    #[schema(required = true)]
    pub event_name: Option<String>,
    /// How events become one quantity.
    #[serde(deserialize_with = "crate::wire::blank_as_none_upper")]
    #[schema(required = true)]
    pub aggregation_type: Option<AggregationType>,
    /// Instant on whose calendar day months start.
    #[schema(value_type = Option<DateTime>)]
    pub billing_anchor: Option<AnchorDay>,
    /// Width of the windows that are aggregated one by one.
    #[serde(deserialize_with = "blank_as_none")]
    pub bucket_size: Option<WindowSize>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Accepted values by property.
    pub filters: Option<BTreeMap<String, Vec<String>>>,
    /// Property keys to split by.
    pub group_by: Option<Vec<String>>,
    /// Group by property.
    pub group_by_property: Option<String>,
    /// Factor of the result; for `SUM_WITH_MULTIPLIER`.
    pub multiplier: Option<Decimal>,
    /// Property name.
    pub property_name: Option<String>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
    /// IANA zone.
    pub timezone: Option<String>,
    /// Width of the windows of the answer.
    #[serde(deserialize_with = "blank_as_none")]
    pub window_size: Option<WindowSize>,
}

/// An aggregate over the raw events of a meter.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GetUsageByMeterRequest {
    /// Instant on whose calendar day months start.
    #[schema(value_type = Option<DateTime>)]
    pub billing_anchor: Option<AnchorDay>,
    /// Width of the windows that are aggregated one by one.
    #[serde(deserialize_with = "blank_as_none")]
    pub bucket_size: Option<WindowSize>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Accepted values by property.
    pub filters: Option<BTreeMap<String, Vec<String>>>,
    /// Id of the meter.
    #[schema(required = true)]
    pub meter_id: Option<String>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
    /// IANA zone.
    pub timezone: Option<String>,
    /// Width of the windows of the answer.
    #[serde(deserialize_with = "blank_as_none")]
    pub window_size: Option<WindowSize>,
}

/// An aggregate over raw events.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetUsageResponse {
    /// Name of the events.
    pub event_name: String,
    /// One value per window.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<UsageResult>,
    /// Aggregation that was applied.
    pub r#type: AggregationType,
    /// Aggregate of the whole range; absent when 0.
    pub value: Option<JsonNumber>,
}

/// The aggregate of one window.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageResult {
    /// Aggregate of the window.
    pub value: JsonNumber,
    /// Start of the window.
    pub window_size: String,
}

impl GetUsageRequest {
    /// Checks the field rules (spec 02 §3.6).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("event_name", self.event_name.as_ref());
        errors.present("aggregation_type", self.aggregation_type.as_ref());
        if self.multiplier.is_some() {
            let takes_one = self.aggregation_type == Some(AggregationType::SumWithMultiplier);
            errors.check(takes_one, "multiplier", "is only for SUM_WITH_MULTIPLIER");
            errors.positive("multiplier", self.multiplier.as_ref());
        }
        errors.time_range(self.start_time, self.end_time);
        errors.property_filters("filters", self.filters.as_ref());
        errors.finish()
    }
}

impl GetUsageByMeterRequest {
    /// Checks the field rules (spec 02 §3.6).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("meter_id", self.meter_id.as_ref());
        errors.time_range(self.start_time, self.end_time);
        errors.property_filters("filters", self.filters.as_ref());
        errors.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        for (body, valid) in [
            (r#"{"event_name":"e","aggregation_type":"sum"}"#, true),
            (r#"{"event_name":"e"}"#, false),
            (
                r#"{"event_name":"e","aggregation_type":"SUM_WITH_MULTIPLIER","multiplier":"2"}"#,
                true,
            ),
            (
                r#"{"event_name":"e","aggregation_type":"SUM_WITH_MULTIPLIER","multiplier":0}"#,
                false,
            ),
            (r#"{"event_name":"e","aggregation_type":"SUM","multiplier":2}"#, false),
            (
                r#"{"event_name":"e","aggregation_type":"SUM",
                    "start_time":"2024-01-02T00:00:00Z","end_time":"2024-01-01T00:00:00Z"}"#,
                false,
            ),
        ] {
            let request: GetUsageRequest = serde_json::from_str(body).unwrap();
            assert_eq!(request.validate().is_ok(), valid, "{body}");
        }
    }

    #[test]
    fn zero_and_empty_are_omitted() {
        let response = GetUsageResponse {
            event_name: "e".into(),
            r#type: AggregationType::Count,
            value: None,
            results: Vec::new(),
        };
        let json = serde_json::to_string(&response).unwrap();
        assert_eq!(json, r#"{"event_name":"e","type":"COUNT"}"#);
    }
}
