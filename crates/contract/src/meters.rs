//! Meters on the wire (spec 02 §2.3, §3.2).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{AggregationType, ResetUsage, Status, WindowSize};
use utoipa::ToSchema;

use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A new meter.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateMeterRequest {
    /// How events become one quantity.
    #[schema(required = true)]
    pub aggregation: Option<Aggregation>,
    /// Name of the events.
    #[schema(required = true)]
    pub event_name: Option<String>,
    /// Accepted values by property.
    pub filters: Option<Vec<MeterFilter>>,
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Whether usage starts again with each billing period.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub reset_usage: Option<ResetUsage>,
}

/// A meter.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeterResponse {
    /// How events become one quantity.
    pub aggregation: Aggregation,
    /// Creation.
    pub created_at: DateTime,
    /// Name of the events.
    pub event_name: String,
    /// Accepted values by property.
    pub filters: Vec<MeterFilter>,
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Whether usage starts again with each billing period.
    pub reset_usage: ResetUsage,
    /// Lifecycle state of the record.
    pub status: String,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
}

/// A meter as stored.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = meter::Meter)]
pub struct Meter {
    /// How events become one quantity.
    pub aggregation: Aggregation,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Name of the events.
    pub event_name: String,
    /// Accepted values by property.
    pub filters: Vec<MeterFilter>,
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Whether usage starts again with each billing period.
    pub reset_usage: ResetUsage,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
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
    /// Kind of the record.
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
