//! Addons and their attachments on the wire (spec 03 §3.4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{ProrationBehavior, Status};
use tariff_core::wire_enum;
use utoipa::ToSchema;

use crate::checkout::{CheckoutParams, CheckoutSessionResponse};
use crate::credit_grants::CreditGrantResponse;
use crate::entitlements::EntitlementResponse;
use crate::expand::Allowed;
use crate::invoices::InvoiceResponse;
use crate::list::{list_filter, list_response};
use crate::prices::PriceResponse;
use crate::subscriptions::{LineItemCommitmentConfig, OverrideLineItemRequest, SubscriptionResponse};
use crate::time::DateTime;
use crate::wire::blank_as_none;

mod rules;

pub use rules::ADDONS_MAX;
pub use tariff_core::vocabulary::AddonStatus;

/// A new addon.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateAddonRequest {
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// The caller's own key, unique among published records.
    #[schema(required = true)]
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Map<String, Value>>,
}

/// Answer about an addon.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateAddonResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// The credit grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credit_grants: Vec<CreditGrantResponse>,
    /// Text shown to people.
    pub description: String,
    /// The entitlements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<EntitlementResponse>,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Map<String, Value>>,
    /// The prices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
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

/// A change of an addon: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateAddonRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Free string map.
    pub metadata: Option<Map<String, Value>>,
}

/// An addon.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AddonResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// The credit grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credit_grants: Vec<CreditGrantResponse>,
    /// Text shown to people.
    pub description: String,
    /// The entitlements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub entitlements: Vec<EntitlementResponse>,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Map<String, Value>>,
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

/// An addon as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Addon {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Text shown to people.
    pub description: String,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Map<String, Value>>,
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
    /// A page of addons.
    ListAddonsResponse of AddonResponse
}

list_filter! {
    /// Which addons to list.
    AddonFilter as types::AddonFilter {
        /// Only these addons.
        pub addon_ids: Option<Vec<String>>,
        /// Only these lookup keys.
        pub lookup_keys: Option<Vec<String>>,
    }
}

/// What `expand` allows on addons; unknown names are ignored, as on plans (spec 03 §4.3, spec 01 A12).
pub const ADDON_EXPAND: Allowed = &[
    ("prices", &["meters", "priceunit"]),
    ("meters", &[]),
    ("priceunit", &[]),
    ("entitlements", &["features"]),
    ("features", &[]),
    ("credit_grant", &[]),
];

/// What `expand` allows on addon associations (spec 01 A12).
pub const ADDON_ASSOCIATION_EXPAND: Allowed = &[("addons", &[]), ("subscription", &[])];

/// Attaches an addon to a subscription.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AddAddonRequest {
    /// Id of the addon.
    #[schema(required = true)]
    pub addon_id: Option<String>,
    /// How often it applies.
    #[serde(deserialize_with = "blank_as_none")]
    pub cadence: Option<AddonCadence>,
    /// Collects the first payment before the subscription starts.
    pub checkout: Option<CheckoutParams>,
    /// Commitments by price id.
    pub line_item_commitments: Option<BTreeMap<String, LineItemCommitmentConfig>>,
    /// Free string map.
    pub metadata: Option<Map<String, Value>>,
    /// Prices of the addon that this subscription changes.
    pub override_line_items: Option<Vec<OverrideLineItemRequest>>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    pub proration_behavior: Option<ProrationBehavior>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Id of the subscription.
    #[schema(required = true)]
    pub subscription_id: Option<String>,
}

/// An addon to attach.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AddAddonToSubscriptionRequest {
    /// Id of the addon.
    #[schema(required = true)]
    pub addon_id: Option<String>,
    /// How often it applies.
    #[serde(deserialize_with = "blank_as_none")]
    pub cadence: Option<AddonCadence>,
    /// Commitments by price id.
    pub line_item_commitments: Option<BTreeMap<String, LineItemCommitmentConfig>>,
    /// Free string map.
    pub metadata: Option<Map<String, Value>>,
    /// Prices of the addon that this subscription changes.
    pub override_line_items: Option<Vec<OverrideLineItemRequest>>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    pub proration_behavior: Option<ProrationBehavior>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
}

/// An add addon to subscription.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AddAddonToSubscriptionResponse {
    /// Id of the record.
    pub id: String,
    /// Id of the addon.
    pub addon_id: Option<String>,
    /// Addon status.
    pub addon_status: AddonStatus,
    /// Cancellation reason.
    pub cancellation_reason: Option<String>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime>,
    /// The checkout that the call opened.
    pub checkout_session: Option<CheckoutSessionResponse>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: AddonAssociationEntityType,
    /// The invoice.
    pub invoice: Option<InvoiceResponse>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Map<String, Value>>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
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

/// Ends the attachment of an addon.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RemoveAddonRequest {
    /// Attachment the line comes from.
    #[schema(required = true)]
    pub addon_association_id: Option<String>,
    /// When it takes effect.
    pub effective_date: Option<DateTime>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    pub proration_behavior: Option<ProrationBehavior>,
    /// Why.
    pub reason: Option<String>,
}

/// An addon association.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AddonAssociationResponse {
    /// Id of the record.
    pub id: String,
    /// The addon.
    pub addon: Option<AddonResponse>,
    /// Id of the addon.
    pub addon_id: String,
    /// Addon status.
    pub addon_status: AddonStatus,
    /// Cancellation reason.
    pub cancellation_reason: Option<String>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: AddonAssociationEntityType,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Map<String, Value>>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// The subscription.
    pub subscription: Option<SubscriptionResponse>,
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
    /// The addons of a subscription. The contract says array; the list envelope is what is on the wire (spec 07 §4.12).
    ListAddonAssociationsResponse of AddonAssociationResponse
}

wire_enum! {
    /// Addon association entity type.
    AddonAssociationEntityType, "types.AddonAssociationEntityType" {
        /// `subscription`.
        Subscription = "subscription",
        /// `plan`.
        Plan = "plan",
        /// `addon`.
        Addon = "addon",
    }
}

wire_enum! {
    /// Addon cadence.
    AddonCadence, "types.AddonCadence" {
        /// `onetime`.
        Onetime = "onetime",
        /// `recurring`.
        Recurring = "recurring",
    }
}
