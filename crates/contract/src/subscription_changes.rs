//! Plan changes of a subscription on the wire (spec 04 §4.12, §4.13).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{
    BillingCadence, BillingCycle, BillingPeriod, LineItemEntityType, ProrationBehavior, SubscriptionStatus,
};
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::credit_grants::CreditGrantResponse;
use crate::invoices::InvoiceResponse;
use crate::metadata::Metadata;
use crate::subscription_modifications::ChangedResources;
use crate::subscriptions::{ProrationDetails, SubscriptionResponse};
use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A subscription change request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionChangeRequest {
    /// Always `RECURRING`.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub billing_cadence: Option<BillingCadence>,
    /// How periods are anchored.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub billing_cycle: Option<BillingCycle>,
    /// Length of a billing period.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub billing_period: Option<BillingPeriod>,
    /// Number of billing periods per invoice.
    pub billing_period_count: Option<i64>,
    /// Change at.
    #[serde(deserialize_with = "blank_as_none")]
    pub change_at: Option<ScheduleType>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub proration_behavior: Option<ProrationBehavior>,
    /// Id of the target plan.
    #[schema(required = true)]
    pub target_plan_id: Option<String>,
}

/// A subscription change preview.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionChangePreviewResponse {
    /// Change type.
    pub change_type: SubscriptionChangeType,
    /// Current plan.
    pub current_plan: Option<PlanSummary>,
    /// When it takes effect.
    pub effective_date: Option<DateTime>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// New billing cycle.
    pub new_billing_cycle: Option<BillingCycleInfo>,
    /// Next invoice preview.
    pub next_invoice_preview: Option<InvoicePreview>,
    /// Proration details.
    pub proration_details: Option<ProrationDetails>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Target plan.
    pub target_plan: Option<PlanSummary>,
    /// Warnings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A subscription change execute.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionChangeExecuteResponse {
    /// Change type.
    pub change_type: SubscriptionChangeType,
    /// The credit grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credit_grants: Vec<CreditGrantResponse>,
    /// When it takes effect.
    pub effective_date: Option<DateTime>,
    /// The invoice.
    pub invoice: Option<InvoiceResponse>,
    /// Whether it is scheduled.
    pub is_scheduled: bool,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// New subscription.
    pub new_subscription: Option<SubscriptionSummary>,
    /// Old subscription.
    pub old_subscription: Option<SubscriptionSummary>,
    /// Proration applied.
    pub proration_applied: Option<ProrationDetails>,
    /// Id of the schedule.
    pub schedule_id: Option<String>,
    /// When it was scheduled.
    pub scheduled_at: Option<DateTime>,
}

/// A subscription change V2 request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionChangeV2Request {
    /// Change at.
    #[serde(deserialize_with = "blank_as_none")]
    pub change_at: Option<ScheduleType>,
    /// Entity policies.
    pub entity_policies: Option<SubscriptionChangeEntityPolicies>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub proration_behavior: Option<ProrationBehavior>,
    /// Id of the target plan.
    #[schema(required = true)]
    pub target_plan_id: Option<String>,
}

/// A subscription change V2.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionChangeV2Response {
    /// Change type.
    pub change_type: SubscriptionChangeType,
    /// Changed resources.
    pub changed_resources: Option<ChangedResources>,
    /// When it was effective.
    pub effective_at: Option<DateTime>,
    /// Entity changes.
    pub entity_changes: Vec<EntityChangeResult>,
    /// From plan.
    pub from_plan: Option<PlanSummary>,
    /// Whether it is scheduled.
    pub is_scheduled: bool,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Id of the schedule.
    pub schedule_id: Option<String>,
    /// When it was scheduled.
    pub scheduled_at: Option<DateTime>,
    /// The subscription.
    pub subscription: Option<SubscriptionResponse>,
    /// To plan.
    pub to_plan: Option<PlanSummary>,
    /// Warnings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Subscription change entity policies.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionChangeEntityPolicies {
    /// Addons to attach.
    pub addons: Option<EntityChangePolicy>,
}

/// Entity change policy.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct EntityChangePolicy {
    /// Default behaviour.
    #[serde(deserialize_with = "blank_as_none")]
    pub default_behaviour: Option<EntityChangeBehaviour>,
    /// Overrides.
    pub overrides: Option<BTreeMap<String, EntityChangeBehaviour>>,
}

/// Entity change result.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EntityChangeResult {
    /// Behaviour.
    pub behaviour: EntityChangeBehaviour,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: LineItemEntityType,
    /// Id of the reference.
    pub reference_id: Option<String>,
}

wire_enum! {
    /// Entity change behaviour.
    EntityChangeBehaviour, "types.EntityChangeBehaviour" {
        /// `carry`.
        Carry = "carry",
        /// `drop`.
        Drop = "drop",
    }
}

wire_enum! {
    /// Subscription change type.
    SubscriptionChangeType, "types.SubscriptionChangeType" {
        /// `upgrade`.
        Upgrade = "upgrade",
        /// `downgrade`.
        Downgrade = "downgrade",
        /// `lateral`.
        Lateral = "lateral",
    }
}

wire_enum! {
    /// Schedule type.
    ScheduleType, "types.ScheduleType" {
        /// `immediate`.
        Immediate = "immediate",
        /// `end_of_period`.
        EndOfPeriod = "end_of_period",
    }
}

/// The billing cycle after a plan change.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BillingCycleInfo {
    /// Instant whose day and time the periods follow.
    pub billing_anchor: Option<DateTime>,
    /// Always `RECURRING`.
    pub billing_cadence: BillingCadence,
    /// Length of a billing period.
    pub billing_period: BillingPeriod,
    /// Number of billing periods per invoice.
    pub billing_period_count: i64,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
}

/// A plan in brief.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlanSummary {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Text shown to people.
    pub description: String,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
}

/// A subscription in brief.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionSummary {
    /// Id of the record.
    pub id: String,
    /// When it was archived.
    pub archived_at: Option<DateTime>,
    /// Instant whose day and time the periods follow.
    pub billing_anchor: Option<DateTime>,
    /// End of the current period, exclusive.
    pub current_period_end: Option<DateTime>,
    /// Start of the current period, inclusive.
    pub current_period_start: Option<DateTime>,
    /// Id of the plan.
    pub plan_id: Option<String>,
    /// Lifecycle state of the record.
    pub status: SubscriptionStatus,
    /// Creation.
    pub created_at: DateTime,
}

/// An invoice that a change would make.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvoicePreview {
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// When the invoice must be paid.
    pub due_date: Option<DateTime>,
    /// The lines.
    pub line_items: Vec<InvoiceLineItemPreview>,
    /// Sum before discounts, credits and taxes.
    pub subtotal: Decimal,
    /// The tax.
    pub tax_amount: Decimal,
    /// Amount after discounts, credits and taxes.
    pub total: Decimal,
}

/// A line of a previewed invoice.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvoiceLineItemPreview {
    /// Money in units of the currency.
    pub amount: Decimal,
    /// Text shown to people.
    pub description: String,
    /// Whether it is proration.
    pub is_proration: bool,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// Number of units.
    pub quantity: Decimal,
    /// Unit price.
    pub unit_price: Decimal,
}
