//! Marketplace agreements and usage records on the wire (spec 07).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::Status;
use tariff_core::wire_enum;
use utoipa::ToSchema;

use crate::list::{list_filter, list_response};
use crate::number::JsonNumber;
use crate::secrets::SecretProvider;
use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A register marketplace agreement request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RegisterMarketplaceAgreementRequest {
    /// Aws.
    pub aws: Option<AWSMarketplaceAgreement>,
    /// Azure.
    pub azure: Option<AzureMarketplaceAgreement>,
    /// Id of the customer.
    #[schema(required = true)]
    pub customer_id: Option<String>,
    /// Gcp.
    pub gcp: Option<GCPMarketplaceAgreement>,
    /// Id of the plan.
    #[schema(required = true)]
    pub plan_id: Option<String>,
    /// Name of the provider.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub provider: Option<SecretProvider>,
    /// Id of the subscription.
    #[schema(required = true)]
    pub subscription_id: Option<String>,
}

/// A register marketplace agreement.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RegisterMarketplaceAgreementResponse {
    /// Id of the customer mapping.
    pub customer_mapping_id: Option<String>,
    /// Id of the plan mapping.
    pub plan_mapping_id: Option<String>,
    /// Id of the subscription mapping.
    pub subscription_mapping_id: Option<String>,
    /// Lifecycle state of the record.
    pub status: String,
}

/// AWS marketplace agreement.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AWSMarketplaceAgreement {
    /// Concurrent agreements.
    pub concurrent_agreements: Option<bool>,
    /// Id of the customer aws account.
    #[schema(required = true)]
    pub customer_aws_account_id: Option<String>,
    /// Dimension.
    #[schema(required = true)]
    pub dimension: Option<String>,
    /// License arn.
    #[schema(required = true)]
    pub license_arn: Option<String>,
    /// Product code.
    #[schema(required = true)]
    pub product_code: Option<String>,
}

/// Azure marketplace agreement.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AzureMarketplaceAgreement {
    /// Id of the beneficiary account.
    #[schema(required = true)]
    pub beneficiary_account_id: Option<String>,
    /// Dimension.
    #[schema(required = true)]
    pub dimension: Option<String>,
    /// Id of the plan.
    #[schema(required = true)]
    pub plan_id: Option<String>,
    /// Id of the resource.
    #[schema(required = true)]
    pub resource_id: Option<String>,
}

/// GCP marketplace agreement.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GCPMarketplaceAgreement {
    /// Id of the account.
    #[schema(required = true)]
    pub account_id: Option<String>,
    /// Metric name.
    #[schema(required = true)]
    pub metric_name: Option<String>,
    /// Service name.
    #[schema(required = true)]
    pub service_name: Option<String>,
    /// Id of the usage reporting.
    #[schema(required = true)]
    pub usage_reporting_id: Option<String>,
}

/// A usage record.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageRecordResponse {
    /// Id of the record.
    pub id: String,
    /// Money in units of the currency.
    pub amount: JsonNumber,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Id of the customer external.
    pub customer_external_id: Option<String>,
    /// Id of the customer.
    pub customer_id: String,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// Id of the plan.
    pub plan_id: Option<String>,
    /// Number of units.
    pub quantity: JsonNumber,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Synced.
    pub synced: bool,
    /// Syncs.
    pub syncs: BTreeMap<String, UsageRecordSyncEntry>,
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
    /// A page of usage records.
    ListUsageRecordsResponse of UsageRecordResponse
}

list_filter! {
    /// Which usage records to list.
    UsageRecordFilter as types::UsageRecordFilter {
        /// Lower-case ISO 4217 code.
        pub currency: Option<String>,
        /// Id of the customer external.
        pub customer_external_id: Option<String>,
        /// Id of the customer.
        pub customer_id: Option<String>,
        /// End of the period, exclusive.
        pub period_end: Option<DateTime>,
        /// Start of the period, inclusive.
        pub period_start: Option<DateTime>,
        /// Id of the plan.
        pub plan_id: Option<String>,
        /// Id of the subscription.
        pub subscription_id: Option<String>,
        /// Synced.
        pub synced: Option<bool>,
    }
}

/// Usage record sync entry.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = types::UsageRecordSyncEntry)]
pub struct UsageRecordSyncEntry {
    /// Id of the agreement.
    pub agreement_id: Option<String>,
    /// Id of the connection.
    pub connection_id: Option<String>,
    /// Id of the reporting.
    pub reporting_id: Option<String>,
    /// Skip reason.
    pub skip_reason: Option<String>,
    /// Skipped.
    pub skipped: bool,
    /// When it was synced.
    pub synced_at: Option<DateTime>,
}

wire_enum! {
    /// Rejected event reason.
    RejectedEventReason, "types.RejectedEventReason" {
        /// `no_meter_for_event_name`.
        NoMeterForEventName = "no_meter_for_event_name",
        /// `no_matching_meter`.
        NoMatchingMeter = "no_matching_meter",
    }
}
