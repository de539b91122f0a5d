//! Alert settings and alert logs on the wire (spec 02 §2.2, spec 06).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::Status;
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::customers::CustomerResponse;
use crate::features::FeatureResponse;
use crate::list::{list_filter, list_response};
use crate::time::DateTime;
use crate::wallets::WalletResponse;
use crate::wire::blank_as_none;

pub use tariff_core::vocabulary::{AlertCondition, AlertEntityType, AlertState, AlertType};

mod rules;

/// Up to three levels at which alerts are raised.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::AlertSettings)]
pub struct AlertSettings {
    /// Whether alerts are raised.
    pub alert_enabled: Option<bool>,
    /// Most severe level.
    pub critical: Option<AlertThreshold>,
    /// Mildest level.
    pub info: Option<AlertThreshold>,
    /// Middle level; needs a critical one.
    pub warning: Option<AlertThreshold>,
}

/// The value at which a level is reached.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::AlertThreshold)]
pub struct AlertThreshold {
    /// Whether the level is reached above or below the threshold.
    #[serde(deserialize_with = "blank_as_none")]
    pub condition: Option<AlertCondition>,
    /// Value at which the level is reached.
    pub threshold: Option<Decimal>,
}

/// The facts behind an alert.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = types::AlertInfo)]
pub struct AlertInfo {
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// When it happened.
    #[schema(value_type = String)]
    pub timestamp: DateTime,
    /// Value at time.
    pub value_at_time: Option<DateTime>,
}

list_filter! {
    /// Which alert logs to list.
    AlertLogFilter as types::AlertLogFilter {
        /// Alert status.
        #[serde(deserialize_with = "blank_as_none")]
        pub alert_status: Option<AlertState>,
        /// Alert type.
        #[serde(deserialize_with = "blank_as_none")]
        pub alert_type: Option<AlertType>,
        /// Id of the customer.
        pub customer_id: Option<String>,
        /// Id of the owning record.
        pub entity_id: Option<String>,
        /// Kind of the owning record.
        #[serde(deserialize_with = "blank_as_none")]
        pub entity_type: Option<AlertEntityType>,
    }
}

list_filter! {
    /// Which alert settingss to list.
    AlertSettingsFilter as types::AlertSettingsFilter {
        /// Enabled.
        pub enabled: Option<bool>,
        /// Id of the owning record.
        pub entity_id: Option<String>,
        /// Only with these owners.
        pub entity_ids: Option<Vec<String>>,
        /// Kind of the owning record.
        #[serde(deserialize_with = "blank_as_none")]
        pub entity_type: Option<AlertEntityType>,
        /// Id of the parent entity.
        pub parent_entity_id: Option<String>,
        /// Ids of the parent entitys.
        pub parent_entity_ids: Option<Vec<String>>,
        /// Parent entity type.
        #[serde(deserialize_with = "blank_as_none")]
        pub parent_entity_type: Option<AlertEntityType>,
    }
}

/// A length of time.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::Duration)]
pub struct AlertDuration {
    /// Unit.
    #[serde(deserialize_with = "blank_as_none")]
    pub unit: Option<DurationUnit>,
    /// The value.
    pub value: Option<i64>,
}

wire_enum! {
    /// Unit of a length of time.
    DurationUnit, "types.DurationUnit" {
        /// `second`.
        Second = "second",
        /// `minute`.
        Minute = "minute",
        /// `hour`.
        Hour = "hour",
        /// `day`.
        Day = "day",
    }
}

/// A new alert settings.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateAlertSettingsRequest {
    /// Config.
    #[schema(required = true)]
    pub config: Option<AlertSettings>,
    /// Id of the owning record.
    #[schema(required = true)]
    pub entity_id: Option<String>,
    /// Kind of the owning record.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub entity_type: Option<AlertEntityType>,
    /// Id of the parent entity.
    pub parent_entity_id: Option<String>,
    /// Parent entity type.
    #[serde(deserialize_with = "blank_as_none")]
    pub parent_entity_type: Option<AlertEntityType>,
}

/// A change of alert settings: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateAlertSettingsRequest {
    /// Config.
    #[schema(required = true)]
    pub config: Option<AlertSettings>,
}

/// Alert settings of one record.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AlertSettingsResponse {
    /// Id of the record.
    pub id: String,
    /// Config.
    pub config: Option<AlertSettings>,
    /// Enabled.
    pub enabled: bool,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: AlertEntityType,
    /// Id of the parent entity.
    pub parent_entity_id: Option<String>,
    /// Parent entity type.
    pub parent_entity_type: Option<String>,
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

list_response! {
    /// A page of alert settings.
    ListAlertSettingsResponse of AlertSettingsResponse
}

/// An alert that was raised.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AlertLogResponse {
    /// Id of the record.
    pub id: String,
    /// Alert info.
    pub alert_info: Option<AlertInfo>,
    /// Alert status.
    pub alert_status: AlertState,
    /// Alert type.
    pub alert_type: AlertType,
    /// The customer.
    pub customer: Option<CustomerResponse>,
    /// Id of the customer.
    pub customer_id: String,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: AlertEntityType,
    /// The feature.
    pub feature: Option<FeatureResponse>,
    /// Id of the parent entity.
    pub parent_entity_id: Option<String>,
    /// Parent entity type.
    pub parent_entity_type: Option<String>,
    /// The wallet.
    pub wallet: Option<WalletResponse>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: String,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

list_response! {
    /// A page of alert logs.
    ListAlertLogsResponse of AlertLogResponse
}
