//! Features on the wire (spec 02 §2.1, §3.1).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{FeatureType, Status};
use utoipa::ToSchema;

use crate::alerts::AlertSettings;
use crate::groups::{Group, GroupResponse};
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::meters::{CreateMeterRequest, MeterFilter, MeterResponse};
use crate::number::JsonNumber;
use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A new feature.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateFeatureRequest {
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
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Unit in which usage is shown.
    pub reporting_unit: Option<ReportingUnit>,
    /// Kind of the record.
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
    /// Name shown to people.
    pub name: Option<String>,
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
    /// Text shown to people.
    pub description: Option<String>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: Option<String>,
}

/// A feature.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FeatureResponse {
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Text shown to people.
    pub description: String,
    /// Environment of the record.
    pub environment_id: String,
    /// The group.
    pub group: Option<GroupResponse>,
    /// Id of the group.
    pub group_id: Option<String>,
    /// Id of the record.
    pub id: String,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// The meter.
    pub meter: Option<MeterResponse>,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Name shown to people.
    pub name: String,
    /// Unit in which usage is shown.
    pub reporting_unit: Option<ReportingUnit>,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Kind of the record.
    pub r#type: FeatureType,
    /// Name of several units.
    pub unit_plural: String,
    /// Name of one unit.
    pub unit_singular: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

/// A feature as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Feature {
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Text shown to people.
    pub description: String,
    /// Environment of the record.
    pub environment_id: String,
    /// The group.
    pub group: Option<Group>,
    /// Id of the group.
    pub group_id: Option<String>,
    /// Id of the record.
    pub id: String,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Name shown to people.
    pub name: String,
    /// Unit in which usage is shown.
    pub reporting_unit: Option<ReportingUnit>,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Kind of the record.
    pub r#type: FeatureType,
    /// Name of several units.
    pub unit_plural: String,
    /// Name of one unit.
    pub unit_singular: String,
    /// Last change.
    pub updated_at: DateTime,
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
