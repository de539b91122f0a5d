//! Credit grants on the wire (spec 06).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{Status, SubscriptionStatus};
use utoipa::ToSchema;

use crate::list::list_response;
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::wire::blank_as_none;

pub use tariff_core::vocabulary::{
    ApplicationStatus, CreditGrantApplicationReason, CreditGrantCadence, CreditGrantExpiryDurationUnit,
    CreditGrantExpiryType, CreditGrantPeriod, CreditGrantScope,
};

/// A new credit grant.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateCreditGrantRequest {
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Id of the addon.
    pub addon_id: Option<String>,
    /// How often it applies.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub cadence: Option<CreditGrantCadence>,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
    /// Number of credits.
    #[schema(required = true)]
    pub credits: Option<Decimal>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Expiration duration.
    pub expiration_duration: Option<i64>,
    /// Expiration duration unit.
    #[serde(deserialize_with = "blank_as_none")]
    pub expiration_duration_unit: Option<CreditGrantExpiryDurationUnit>,
    /// Expiration type.
    #[serde(deserialize_with = "blank_as_none")]
    pub expiration_type: Option<CreditGrantExpiryType>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Period.
    #[serde(deserialize_with = "blank_as_none")]
    pub period: Option<CreditGrantPeriod>,
    /// Period count.
    pub period_count: Option<i64>,
    /// Id of the plan.
    pub plan_id: Option<String>,
    /// Order of application, lowest first.
    pub priority: Option<i64>,
    /// Where it applies.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub scope: Option<CreditGrantScope>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Topup conversion rate.
    pub topup_conversion_rate: Option<Decimal>,
}

/// A change of a credit grant: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateCreditGrantRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// A delete credit grant request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DeleteCreditGrantRequest {
    /// When it takes effect.
    pub effective_date: Option<DateTime>,
}

/// A credit grant.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreditGrantResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Id of the addon.
    pub addon_id: Option<String>,
    /// How often it applies.
    pub cadence: CreditGrantCadence,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
    /// Credit grant anchor.
    pub credit_grant_anchor: Option<DateTime>,
    /// Number of credits.
    pub credits: Decimal,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Expiration duration.
    pub expiration_duration: Option<i64>,
    /// Expiration duration unit.
    pub expiration_duration_unit: Option<CreditGrantExpiryDurationUnit>,
    /// Expiration type.
    pub expiration_type: CreditGrantExpiryType,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Period.
    pub period: Option<CreditGrantPeriod>,
    /// Period count.
    pub period_count: Option<i64>,
    /// Id of the plan.
    pub plan_id: Option<String>,
    /// Order of application, lowest first.
    pub priority: Option<i64>,
    /// Where it applies.
    pub scope: CreditGrantScope,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Topup conversion rate.
    pub topup_conversion_rate: Option<Decimal>,
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
    /// A page of credit grants.
    ListCreditGrantsResponse of CreditGrantResponse
}

/// A credit grant application.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreditGrantApplicationResponse {
    /// Id of the record.
    pub id: String,
    /// Application reason.
    pub application_reason: Option<CreditGrantApplicationReason>,
    /// Application status.
    pub application_status: ApplicationStatus,
    /// When it was applied.
    pub applied_at: Option<DateTime>,
    /// Id of the credit grant.
    pub credit_grant_id: Option<String>,
    /// Number of credits.
    pub credits: Decimal,
    /// Failure reason.
    pub failure_reason: Option<String>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// Retry count.
    pub retry_count: i64,
    /// Scheduled for.
    #[schema(value_type = Option<String>)]
    pub scheduled_for: Option<DateTime>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Subscription status at application.
    pub subscription_status_at_application: Option<SubscriptionStatus>,
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
    /// A page of credit grant applications.
    ListCreditGrantApplicationsResponse of CreditGrantApplicationResponse
}
