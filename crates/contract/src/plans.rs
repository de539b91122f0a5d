//! Plans on the wire (spec 03 §3.1, §4.1).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::Status;
use utoipa::ToSchema;

use crate::credit_grants::CreditGrantResponse;
use crate::entitlements::EntitlementResponse;
use crate::error::ApiError;
use crate::expand::Allowed;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::prices::PriceResponse;
use crate::time::DateTime;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

/// A new plan.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreatePlanRequest {
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Position in lists shown to people, lowest first.
    pub display_order: Option<i64>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// A change of a plan: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdatePlanRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Position in lists shown to people, lowest first.
    pub display_order: Option<i64>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// A copy of a plan under a new name.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ClonePlanRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Position in lists shown to people, lowest first.
    pub display_order: Option<i64>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// A plan.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlanResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
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
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// The prices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub prices: Vec<PriceResponse>,
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

/// A plan as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Plan {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Text shown to people.
    pub description: String,
    /// Position in lists shown to people, lowest first.
    pub display_order: i64,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
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

/// What `expand` allows on plans; unknown names are ignored (spec 01 A12).
pub const PLAN_EXPAND: Allowed = &[
    ("prices", &["meters", "priceunit"]),
    ("meters", &[]),
    ("entitlements", &["features"]),
    ("features", &[]),
    ("credit_grant", &["features"]),
    ("priceunit", &[]),
];

impl CreatePlanRequest {
    /// Checks the field rules (spec 03 §3.1).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.length("lookup_key", self.lookup_key.as_deref(), 0, NAME_CHARS_MAX);
        errors.finish()
    }
}

impl UpdatePlanRequest {
    /// Checks the field rules (spec 03 §3.1).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 1, NAME_CHARS_MAX);
        errors.length("lookup_key", self.lookup_key.as_deref(), 0, NAME_CHARS_MAX);
        errors.finish()
    }
}

impl ClonePlanRequest {
    /// Checks the field rules (spec 03 §5.8).
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
