//! Plans on the wire (spec 03 §3.1, §4.1).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::Status;
use utoipa::ToSchema;

use crate::credit_grants::CreditGrantResponse;
use crate::entitlements::EntitlementResponse;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::prices::PriceResponse;
use crate::time::DateTime;

/// A new plan.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreatePlanRequest {
    /// Text shown to people.
    pub description: Option<String>,
    /// Position in lists shown to people, lowest first.
    pub display_order: Option<i64>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
}

/// A change of a plan: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdatePlanRequest {
    /// Text shown to people.
    pub description: Option<String>,
    /// Position in lists shown to people, lowest first.
    pub display_order: Option<i64>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: Option<String>,
}

/// A copy of a plan under a new name.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ClonePlanRequest {
    /// Text shown to people.
    pub description: Option<String>,
    /// Position in lists shown to people, lowest first.
    pub display_order: Option<i64>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: Option<String>,
}

/// A plan.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlanResponse {
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// The credit grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credit_grants: Vec<CreditGrantResponse>,
    /// Text shown to people.
    pub description: String,
    /// Position in lists shown to people, lowest first.
    pub display_order: i64,
    /// The entitlements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub entitlements: Vec<EntitlementResponse>,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// The prices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub prices: Vec<PriceResponse>,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

/// A plan as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Plan {
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Text shown to people.
    pub description: String,
    /// Position in lists shown to people, lowest first.
    pub display_order: i64,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

list_response! {
    /// A page of plans.
    ListPlansResponse of PlanResponse
}

list_filter! {
    /// Which plans to list.
    PlanFilter as types::PlanFilter {
        /// The caller's own key, unique among published records.
        pub lookup_key: Option<String>,
        /// Free string map.
        pub metadata: Option<Metadata>,
        /// Only of these plans.
        pub plan_ids: Option<Vec<String>>,
    }
}
