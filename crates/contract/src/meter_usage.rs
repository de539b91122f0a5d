//! Recorded usage by meter (spec 02 §3.9).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{AggregationType, WindowSize};
use utoipa::ToSchema;

use crate::analytics::{GetUsageAnalyticsRequest, IDS_MAX};
use crate::error::ApiError;
use crate::time::{AnchorDay, DateTime};
use crate::validate::FieldErrors;
use crate::wire::{blank_as_none, blank_as_none_upper};

/// The usage of a customer on one or several meters.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct MeterUsageRequest {
    /// The caller's own id of the customer.
    #[schema(required = true)]
    pub external_customer_id: Option<String>,
    /// Id of the meter, when one is asked for.
    pub meter_id: Option<String>,
    /// Ids of the meters, when several are asked for.
    pub meter_ids: Option<Vec<String>>,
    /// Start of the range, inclusive.
    #[schema(required = true)]
    pub start_time: Option<DateTime>,
    /// End of the range, exclusive.
    #[schema(required = true)]
    pub end_time: Option<DateTime>,
    /// How events become one quantity, in place of the meter's own way.
    #[serde(deserialize_with = "blank_as_none_upper")]
    #[schema(required = true)]
    pub aggregation_type: Option<AggregationType>,
    /// Width of the windows of the answer.
    #[serde(deserialize_with = "blank_as_none")]
    pub window_size: Option<WindowSize>,
    /// Instant on whose calendar day months start.
    #[schema(value_type = Option<DateTime>)]
    pub billing_anchor: Option<AnchorDay>,
    /// Accepted values by property; all properties must match.
    pub property_filters: Option<BTreeMap<String, Vec<String>>>,
    /// Accepted sources.
    pub sources: Option<Vec<String>>,
}

/// Analytics of some meters of one customer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DetailedMeterUsageRequest {
    /// As for the analytics of events.
    #[serde(flatten)]
    pub analytics: GetUsageAnalyticsRequest,
    /// Only these meters.
    pub meter_ids: Option<Vec<String>>,
    /// Instant on whose calendar day months start.
    #[schema(value_type = Option<DateTime>)]
    pub billing_anchor: Option<AnchorDay>,
}

/// The usage of each meter.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeterUsageAnalyticsResponse {
    /// One entry per meter on an active subscription.
    pub items: Vec<MeterUsageResponse>,
}

/// The usage of one meter.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeterUsageResponse {
    /// Id of the meter.
    pub meter_id: String,
    /// The caller's own id of the customer.
    pub external_customer_id: String,
    /// Aggregation that was applied.
    pub aggregation_type: AggregationType,
    /// Start of the range, inclusive.
    pub start_time: DateTime,
    /// End of the range, exclusive.
    pub end_time: DateTime,
    /// Width of the windows.
    pub window_size: Option<WindowSize>,
    /// Aggregate of the whole range.
    pub total_value: Decimal,
    /// Distinct events.
    pub event_count: u64,
    /// One value per window that has events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<MeterUsagePoint>,
}

/// The usage in one window.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeterUsagePoint {
    /// Start of the window.
    pub timestamp: DateTime,
    /// Aggregate of the window.
    pub value: Decimal,
    /// Distinct events.
    pub event_count: u64,
}

impl MeterUsageRequest {
    /// Checks the field rules of a question about one meter.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate_one(&self) -> Result<(), ApiError> {
        let mut errors = self.common();
        errors.required("meter_id", self.meter_id.as_ref());
        errors.finish()
    }

    /// Checks the field rules of a question about several meters.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate_several(&self) -> Result<(), ApiError> {
        let mut errors = self.common();
        errors.required("meter_ids", self.meter_ids.as_ref());
        errors.finish()
    }

    fn common(&self) -> FieldErrors {
        let mut errors = FieldErrors::new();
        errors.required("external_customer_id", self.external_customer_id.as_ref());
        errors.present("start_time", self.start_time.as_ref());
        errors.present("end_time", self.end_time.as_ref());
        errors.present("aggregation_type", self.aggregation_type.as_ref());
        errors.time_range(self.start_time, self.end_time);
        errors.at_most("meter_ids", self.meter_ids.as_deref(), IDS_MAX);
        errors.at_most("sources", self.sources.as_deref(), IDS_MAX);
        errors.property_filters("property_filters", self.property_filters.as_ref());
        errors
    }
}

impl DetailedMeterUsageRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("external_customer_id", self.analytics.external_customer_id.as_ref());
        errors.at_most("meter_ids", self.meter_ids.as_deref(), IDS_MAX);
        errors.finish()?;
        self.analytics.validate()
    }
}
