//! Subscriptions on the wire (spec 04 §2.2, §3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{
    BillingCadence, BillingCycle, BillingModel, BillingPeriod, CollectionMethod, CommitmentType, PauseStatus,
    PaymentBehavior, PaymentTerms, ProrationBehavior, Status, SubscriptionStatus, SubscriptionType, TierMode,
};
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::addons::AddAddonToSubscriptionRequest;
use crate::aggregated_entitlements::AggregatedFeature;
use crate::checkout::{CheckoutParams, CheckoutSessionResponse};
use crate::coupons::CouponAssociationResponse;
use crate::credit_grants::{CreateCreditGrantRequest, CreditGrantResponse};
use crate::customers::CustomerResponse;
use crate::invoices::InvoiceResponse;
use crate::line_items::{
    CommitmentBucketRequest, CreateSubscriptionLineItemRequest, SubscriptionLineItem, SubscriptionLineItemResponse,
};
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::number::JsonNumber;
use crate::plans::PlanResponse;
use crate::prices::{CreatePriceTier, TransformQuantityInput};
use crate::taxes::TaxRateOverride;
use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A new subscription.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateSubscriptionRequest {
    /// Addons to attach.
    pub addons: Option<Vec<AddAddonToSubscriptionRequest>>,
    /// Accrued usage that triggers an invoice at once; 0 is off.
    pub auto_invoice_threshold: Option<Decimal>,
    /// Instant whose day and time the periods follow.
    pub billing_anchor: Option<DateTime>,
    /// How periods are anchored.
    #[serde(deserialize_with = "blank_as_none")]
    pub billing_cycle: Option<BillingCycle>,
    /// Length of a billing period.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub billing_period: Option<BillingPeriod>,
    /// Number of billing periods per invoice.
    pub billing_period_count: Option<i64>,
    /// Collects the first payment before the subscription starts.
    pub checkout: Option<CheckoutParams>,
    /// How invoices are collected.
    #[serde(deserialize_with = "blank_as_none")]
    pub collection_method: Option<CollectionMethod>,
    /// Money promised per commitment period.
    pub commitment_amount: Option<Decimal>,
    /// Length of a commitment period.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_duration: Option<BillingPeriod>,
    /// Coupons by id.
    pub coupons: Option<Vec<String>>,
    /// The credit grants.
    pub credit_grants: Option<Vec<CreateCreditGrantRequest>>,
    /// Lower-case ISO 4217 code.
    #[schema(required = true)]
    pub currency: Option<String>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// Whether the unused rest of the commitment is charged.
    pub enable_true_up: Option<bool>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// The gateway's id of the card to charge; absent means its default.
    pub gateway_payment_method_id: Option<String>,
    /// Place in a hierarchy.
    pub inheritance: Option<SubscriptionInheritanceConfig>,
    /// Commitments by price id.
    pub line_item_commitments: Option<BTreeMap<String, LineItemCommitmentConfig>>,
    /// Coupons on single lines.
    pub line_item_coupons: Option<BTreeMap<String, Vec<String>>>,
    /// The lines.
    pub line_items: Option<Vec<CreateSubscriptionLineItemRequest>>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<Decimal>,
    /// Entitlements of the plan that this subscription changes.
    pub override_entitlements: Option<Vec<OverrideEntitlementRequest>>,
    /// Prices of the plan that this subscription changes.
    pub override_line_items: Option<Vec<OverrideLineItemRequest>>,
    /// What an unpaid first invoice does.
    #[serde(deserialize_with = "blank_as_none")]
    pub payment_behavior: Option<PaymentBehavior>,
    /// Days until invoices are due.
    #[serde(deserialize_with = "blank_as_none")]
    pub payment_terms: Option<PaymentTerms>,
    /// Successive terms.
    pub phases: Option<Vec<SubscriptionPhaseCreateRequest>>,
    /// Id of the plan.
    #[schema(required = true)]
    pub plan_id: Option<String>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    pub proration_behavior: Option<ProrationBehavior>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Coupons to attach, by code.
    pub subscription_coupons: Option<Vec<SubscriptionCouponInput>>,
    /// State of the subscription.
    #[serde(deserialize_with = "blank_as_none")]
    pub subscription_status: Option<SubscriptionStatus>,
    /// Absent: the automatic taxes; empty: none; else exactly these.
    pub tax_rate_overrides: Option<Vec<TaxRateOverride>>,
    /// IANA zone.
    pub timezone: Option<String>,
    /// Days without charge at the start.
    pub trial_period_days: Option<i64>,
}

/// A change of a subscription: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateSubscriptionRequest {
    /// When the subscription ends.
    pub cancel_at: Option<DateTime>,
    /// Whether it ends with the current period.
    pub cancel_at_period_end: Option<bool>,
    /// Parent of an inherited or grouped subscription.
    pub parent_subscription_id: Option<String>,
    /// Lifecycle state of the record.
    #[serde(deserialize_with = "blank_as_none")]
    pub status: Option<SubscriptionStatus>,
}

/// Starts a draft subscription.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ActivateDraftSubscriptionRequest {
    /// Start, inclusive.
    #[schema(required = true)]
    pub start_date: Option<DateTime>,
}

/// A coupon to attach, by code.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionCouponInput {
    /// What customers type; any letter case.
    #[schema(required = true)]
    pub coupon_code: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the price.
    pub price_id: Option<String>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
}

/// Place of a new subscription in a hierarchy.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionInheritanceConfig {
    /// Customers who use the subscription and do not pay.
    pub external_customer_ids_to_inherit_subscription: Option<Vec<String>>,
    /// Grouped invoicing children to create.
    pub grouped_invoicing_children_to_create: Option<Vec<GroupedInvoicingChildRequest>>,
    /// The caller's own id of the customer who pays.
    pub invoicing_customer_external_id: Option<String>,
    /// Parent of an inherited or grouped subscription.
    pub parent_subscription_id: Option<String>,
    /// Subscriptions ids for grouped invoicing.
    pub subscriptions_ids_for_grouped_invoicing: Option<Vec<String>>,
}

/// A child subscription that is invoiced together with its parent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GroupedInvoicingChildRequest {
    /// Addons to attach.
    pub addons: Option<Vec<AddAddonToSubscriptionRequest>>,
    /// Money promised per commitment period.
    pub commitment_amount: Option<Decimal>,
    /// Length of a commitment period.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_duration: Option<BillingPeriod>,
    /// Coupons by id.
    pub coupons: Option<Vec<String>>,
    /// The credit grants.
    pub credit_grants: Option<Vec<CreateCreditGrantRequest>>,
    /// Whether the unused rest of the commitment is charged.
    pub enable_true_up: Option<bool>,
    /// The caller's own id of the customer.
    #[schema(required = true)]
    pub external_customer_id: Option<String>,
    /// Commitments by price id.
    pub line_item_commitments: Option<BTreeMap<String, LineItemCommitmentConfig>>,
    /// Coupons on single lines.
    pub line_item_coupons: Option<BTreeMap<String, Vec<String>>>,
    /// The lines.
    pub line_items: Option<Vec<CreateSubscriptionLineItemRequest>>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<Decimal>,
    /// Entitlements of the plan that this subscription changes.
    pub override_entitlements: Option<Vec<OverrideEntitlementRequest>>,
    /// Prices of the plan that this subscription changes.
    pub override_line_items: Option<Vec<OverrideLineItemRequest>>,
    /// Successive terms.
    pub phases: Option<Vec<SubscriptionPhaseCreateRequest>>,
    /// Id of the plan.
    #[schema(required = true)]
    pub plan_id: Option<String>,
    /// Coupons to attach, by code.
    pub subscription_coupons: Option<Vec<SubscriptionCouponInput>>,
    /// Absent: the automatic taxes; empty: none; else exactly these.
    pub tax_rate_overrides: Option<Vec<TaxRateOverride>>,
    /// Days without charge at the start.
    pub trial_period_days: Option<i64>,
}

/// A subscription phase create request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionPhaseCreateRequest {
    /// Coupons by id.
    pub coupons: Option<Vec<String>>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Coupons on single lines.
    pub line_item_coupons: Option<BTreeMap<String, Vec<String>>>,
    /// The lines.
    pub line_items: Option<Vec<CreateSubscriptionLineItemRequest>>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Prices of the plan that this subscription changes.
    pub override_line_items: Option<Vec<OverrideLineItemRequest>>,
    /// Start, inclusive.
    #[schema(required = true)]
    pub start_date: Option<DateTime>,
    /// Coupons to attach, by code.
    pub subscription_coupons: Option<Vec<SubscriptionCouponInput>>,
}

/// A price of the plan that the subscription changes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct OverrideLineItemRequest {
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// How a quantity becomes money.
    #[serde(deserialize_with = "blank_as_none")]
    pub billing_model: Option<BillingModel>,
    /// Id of the price.
    #[schema(required = true)]
    pub price_id: Option<String>,
    /// Amount in the custom unit.
    pub price_unit_amount: Option<Decimal>,
    /// Tiers in the custom unit, by ascending bound.
    pub price_unit_tiers: Option<Vec<CreatePriceTier>>,
    /// Number of units.
    pub quantity: Option<Decimal>,
    /// How the tiers apply.
    #[serde(deserialize_with = "blank_as_none")]
    pub tier_mode: Option<TierMode>,
    /// Tiers in the price's currency, by ascending bound.
    pub tiers: Option<Vec<CreatePriceTier>>,
    /// How units are packed; for packages.
    pub transform_quantity: Option<TransformQuantityInput>,
}

/// An entitlement of the plan that the subscription changes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct OverrideEntitlementRequest {
    /// Value of a config feature.
    pub config_value: Option<Map<String, Value>>,
    /// Id of the entitlement.
    #[schema(required = true)]
    pub entitlement_id: Option<String>,
    /// Whether the feature may be used.
    pub is_enabled: Option<bool>,
    /// Value of a static feature.
    pub static_value: Option<String>,
    /// Included units; absent means unlimited, 0 nothing.
    pub usage_limit: Option<i64>,
}

/// The commitment of one line.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LineItemCommitmentConfig {
    /// Money promised per commitment period.
    pub commitment_amount: Option<JsonNumber>,
    /// Length of a commitment period.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_duration: Option<BillingPeriod>,
    /// Units promised per commitment period.
    pub commitment_quantity: Option<JsonNumber>,
    /// Times of day with commitments of their own.
    pub commitment_time_buckets: Option<Vec<CommitmentBucketRequest>>,
    /// Whether money or units are promised.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_type: Option<CommitmentType>,
    /// Whether the unused rest of the commitment is charged.
    pub enable_true_up: Option<bool>,
    /// Whether it is window commitment.
    pub is_window_commitment: Option<bool>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<JsonNumber>,
}

/// A subscription.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionResponse {
    /// The pause in force.
    pub active_pause_id: Option<String>,
    /// Accrued usage that triggers an invoice at once; 0 is off.
    pub auto_invoice_threshold: Option<Decimal>,
    /// Instant whose day and time the periods follow.
    pub billing_anchor: DateTime,
    /// Always `RECURRING`.
    pub billing_cadence: BillingCadence,
    /// How periods are anchored.
    pub billing_cycle: BillingCycle,
    /// Length of a billing period.
    pub billing_period: BillingPeriod,
    /// Number of billing periods per invoice.
    pub billing_period_count: i64,
    /// When the subscription ends.
    pub cancel_at: Option<DateTime>,
    /// Whether it ends with the current period.
    pub cancel_at_period_end: bool,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime>,
    /// The checkout that the call opened.
    pub checkout_session: Option<CheckoutSessionResponse>,
    /// How invoices are collected.
    pub collection_method: String,
    /// Money promised per commitment period.
    pub commitment_amount: Option<Decimal>,
    /// Length of a commitment period.
    pub commitment_duration: Option<BillingPeriod>,
    /// Coupons attached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coupon_associations: Vec<CouponAssociationResponse>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// The credit grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credit_grants: Vec<CreditGrantResponse>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// End of the current period, exclusive.
    pub current_period_end: DateTime,
    /// Start of the current period, inclusive.
    pub current_period_start: DateTime,
    /// The customer.
    pub customer: Option<CustomerResponse>,
    /// Id of the customer.
    pub customer_id: String,
    /// Whether the unused rest of the commitment is charged.
    pub enable_true_up: bool,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// The entitlements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<AggregatedFeature>,
    /// Environment of the record.
    pub environment_id: String,
    /// The gateway's id of the card to charge; absent means its default.
    pub gateway_payment_method_id: Option<String>,
    /// Id of the record.
    pub id: String,
    /// Customer who pays the invoices; absent when the owner pays.
    pub invoicing_customer_id: Option<String>,
    /// The invoice that the call made.
    #[schema(no_recursion)]
    pub latest_invoice: Option<Box<InvoiceResponse>>,
    /// The lines.
    pub line_items: Vec<SubscriptionLineItem>,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<Decimal>,
    /// Parent of an inherited or grouped subscription.
    pub parent_subscription_id: Option<String>,
    /// State of the pause.
    pub pause_status: PauseStatus,
    /// The pauses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<SubscriptionPause>,
    /// What an unpaid first invoice does.
    pub payment_behavior: String,
    /// Days until invoices are due.
    pub payment_terms: Option<PaymentTerms>,
    /// Successive terms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<SubscriptionPhaseResponse>,
    /// The plan.
    pub plan: Option<PlanResponse>,
    /// Id of the plan.
    pub plan_id: String,
    /// Whether a change inside a period is prorated.
    pub proration_behavior: ProrationBehavior,
    /// Start, inclusive.
    pub start_date: DateTime,
    /// Lifecycle state of the record.
    pub status: Status,
    /// State of the subscription.
    pub subscription_status: SubscriptionStatus,
    /// Place in a hierarchy.
    pub subscription_type: SubscriptionType,
    /// Sequence of the plan's prices at the last synchronization.
    pub synced_price_sequence: i64,
    /// Tenant of the record.
    pub tenant_id: String,
    /// IANA zone.
    pub timezone: String,
    /// End of the trial; absent without one.
    pub trial_end: Option<DateTime>,
    /// Start of the trial; absent without one.
    pub trial_start: Option<DateTime>,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
    /// Number of writes.
    pub version: i64,
}

/// A subscription with what `expand` asks for.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionResponseV2 {
    /// The pause in force.
    pub active_pause_id: Option<String>,
    /// Accrued usage that triggers an invoice at once; 0 is off.
    pub auto_invoice_threshold: Option<Decimal>,
    /// Instant whose day and time the periods follow.
    pub billing_anchor: DateTime,
    /// Always `RECURRING`.
    pub billing_cadence: BillingCadence,
    /// How periods are anchored.
    pub billing_cycle: BillingCycle,
    /// Length of a billing period.
    pub billing_period: BillingPeriod,
    /// Number of billing periods per invoice.
    pub billing_period_count: i64,
    /// When the subscription ends.
    pub cancel_at: Option<DateTime>,
    /// Whether it ends with the current period.
    pub cancel_at_period_end: bool,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime>,
    /// How invoices are collected.
    pub collection_method: String,
    /// Money promised per commitment period.
    pub commitment_amount: Option<Decimal>,
    /// Length of a commitment period.
    pub commitment_duration: Option<BillingPeriod>,
    /// Coupons attached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coupon_associations: Vec<CouponAssociationResponse>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// The credit grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credit_grants: Vec<CreditGrantResponse>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// End of the current period, exclusive.
    pub current_period_end: DateTime,
    /// Start of the current period, inclusive.
    pub current_period_start: DateTime,
    /// The customer.
    pub customer: Option<CustomerResponse>,
    /// Id of the customer.
    pub customer_id: String,
    /// Whether the unused rest of the commitment is charged.
    pub enable_true_up: bool,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Environment of the record.
    pub environment_id: String,
    /// The gateway's id of the card to charge; absent means its default.
    pub gateway_payment_method_id: Option<String>,
    /// Id of the record.
    pub id: String,
    /// Customer who pays the invoices; absent when the owner pays.
    pub invoicing_customer_id: Option<String>,
    /// The lines.
    pub line_items: Vec<SubscriptionLineItemResponse>,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<Decimal>,
    /// Parent of an inherited or grouped subscription.
    pub parent_subscription_id: Option<String>,
    /// State of the pause.
    pub pause_status: PauseStatus,
    /// The pauses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<SubscriptionPause>,
    /// What an unpaid first invoice does.
    pub payment_behavior: String,
    /// Days until invoices are due.
    pub payment_terms: Option<PaymentTerms>,
    /// Successive terms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<SubscriptionPhaseResponse>,
    /// The plan.
    pub plan: Option<PlanResponse>,
    /// Id of the plan.
    pub plan_id: String,
    /// Plan prices out of sync.
    pub plan_prices_out_of_sync: bool,
    /// Whether a change inside a period is prorated.
    pub proration_behavior: ProrationBehavior,
    /// Start, inclusive.
    pub start_date: DateTime,
    /// Lifecycle state of the record.
    pub status: Status,
    /// State of the subscription.
    pub subscription_status: SubscriptionStatus,
    /// Place in a hierarchy.
    pub subscription_type: SubscriptionType,
    /// Sequence of the plan's prices at the last synchronization.
    pub synced_price_sequence: i64,
    /// Tenant of the record.
    pub tenant_id: String,
    /// IANA zone.
    pub timezone: String,
    /// End of the trial; absent without one.
    pub trial_end: Option<DateTime>,
    /// Start of the trial; absent without one.
    pub trial_start: Option<DateTime>,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
    /// Number of writes.
    pub version: i64,
}

/// A subscription phase.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionPhaseResponse {
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Id of the subscription.
    pub subscription_id: String,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

/// A phase as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = subscription::SubscriptionPhase)]
pub struct SubscriptionPhase {
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Id of the subscription.
    pub subscription_id: String,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

/// A pause of a subscription.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = subscription::SubscriptionPause)]
pub struct SubscriptionPause {
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Original period end.
    pub original_period_end: Option<DateTime>,
    /// Original period start.
    pub original_period_start: Option<DateTime>,
    /// Pause end.
    pub pause_end: Option<DateTime>,
    /// Pause mode.
    pub pause_mode: Option<PauseMode>,
    /// Pause start.
    pub pause_start: Option<DateTime>,
    /// State of the pause.
    pub pause_status: PauseStatus,
    /// Why.
    pub reason: String,
    /// Resume mode.
    pub resume_mode: Option<ResumeMode>,
    /// When it was resumed.
    pub resumed_at: Option<DateTime>,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Id of the subscription.
    pub subscription_id: String,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

wire_enum! {
    /// When a pause starts.
    PauseMode, "types.PauseMode" {
        /// `immediate`.
        Immediate = "immediate",
        /// `scheduled`.
        Scheduled = "scheduled",
        /// `period_end`.
        PeriodEnd = "period_end",
    }
}

wire_enum! {
    /// How a pause ends.
    ResumeMode, "types.ResumeMode" {
        /// `immediate`.
        Immediate = "immediate",
        /// `scheduled`.
        Scheduled = "scheduled",
        /// `auto`.
        Auto = "auto",
    }
}

list_response! {
    /// A page of subscriptions.
    ListSubscriptionsResponse of SubscriptionResponse
}

list_filter! {
    /// Which subscriptions to list.
    SubscriptionFilter as types::SubscriptionFilter {
        /// When it was active.
        pub active_at: Option<DateTime>,
        /// Always `RECURRING`.
        pub billing_cadence: Option<Vec<BillingCadence>>,
        /// Length of a billing period.
        pub billing_period: Option<Vec<BillingPeriod>>,
        /// Id of the customer.
        pub customer_id: Option<String>,
        /// Only of these customers.
        pub customer_ids: Option<Vec<String>>,
        /// Effective date for update.
        #[schema(value_type = Option<String>)]
        pub effective_date_for_update: Option<DateTime>,
        /// The caller's own id of the customer.
        pub external_customer_id: Option<String>,
        /// Ids of the invoicing customers.
        pub invoicing_customer_ids: Option<Vec<String>>,
        /// Ids of the parent subscriptions.
        pub parent_subscription_ids: Option<Vec<String>>,
        /// Id of the plan.
        pub plan_id: Option<String>,
        /// Only these subscriptions.
        pub subscription_ids: Option<Vec<String>>,
        /// State of the subscription.
        pub subscription_status: Option<Vec<SubscriptionStatus>>,
        /// Place in a hierarchy.
        pub subscription_type: Option<Vec<SubscriptionType>>,
        /// Trial end due lte.
        pub trial_end_due_lte: Option<DateTime>,
        /// With coupon associations.
        pub with_coupon_associations: Option<bool>,
        /// With line items.
        pub with_line_items: Option<bool>,
    }
}

/// Ends a subscription.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CancelSubscriptionRequest {
    /// When the subscription ends.
    pub cancel_at: Option<DateTime>,
    /// Cancel immediately inovice policy.
    #[serde(deserialize_with = "blank_as_none")]
    pub cancel_immediately_inovice_policy: Option<CancelImmediatelyInvoicePolicy>,
    /// Cancellation type.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub cancellation_type: Option<CancellationType>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    pub proration_behavior: Option<ProrationBehavior>,
    /// Why.
    pub reason: Option<String>,
}

/// What a cancellation did.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CancelSubscriptionResponse {
    /// Cancellation type.
    pub cancellation_type: CancellationType,
    /// When it takes effect.
    pub effective_date: Option<DateTime>,
    /// What happened.
    pub message: String,
    /// When the quantity was recorded.
    pub processed_at: Option<DateTime>,
    /// Proration details.
    pub proration_details: Vec<ProrationDetail>,
    /// Proration invoice.
    pub proration_invoice: Option<InvoiceResponse>,
    /// Why.
    pub reason: String,
    /// Lifecycle state of the record.
    pub status: SubscriptionStatus,
    /// Id of the subscription.
    pub subscription_id: String,
    /// Total credit amount.
    pub total_credit_amount: Decimal,
}

/// What one line contributes to a proration.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProrationDetail {
    /// Charge amount.
    pub charge_amount: Decimal,
    /// Credit amount.
    pub credit_amount: Decimal,
    /// Text shown to people.
    pub description: String,
    /// Id of the line item.
    pub line_item_id: Option<String>,
    /// Original amount.
    pub original_amount: Decimal,
    /// Plan name.
    pub plan_name: String,
    /// Id of the price.
    pub price_id: String,
    /// Proration days.
    pub proration_days: i64,
}

/// What one line contributes to a proration.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProrationDetails {
    /// Charge amount.
    pub charge_amount: Decimal,
    /// Charge description.
    pub charge_description: String,
    /// Credit amount.
    pub credit_amount: Decimal,
    /// Credit description.
    pub credit_description: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// End of the current period, exclusive.
    pub current_period_end: Option<DateTime>,
    /// Start of the current period, inclusive.
    pub current_period_start: Option<DateTime>,
    /// Days remaining.
    pub days_remaining: i64,
    /// Days used.
    pub days_used: i64,
    /// Net amount.
    pub net_amount: Decimal,
    /// Proration date.
    pub proration_date: Option<DateTime>,
}

wire_enum! {
    /// When a cancellation takes effect.
    CancellationType, "types.CancellationType" {
        /// `immediate`.
        Immediate = "immediate",
        /// `end_of_period`.
        EndOfPeriod = "end_of_period",
        /// `scheduled_date`.
        ScheduledDate = "scheduled_date",
    }
}

wire_enum! {
    /// Whether an immediate cancellation invoices what is open.
    CancelImmediatelyInvoicePolicy, "types.CancelImmediatelyInvoicePolicy" {
        /// `generate_invoice`.
        GenerateInvoice = "generate_invoice",
        /// `skip`.
        Skip = "skip",
    }
}
