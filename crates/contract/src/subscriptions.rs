//! Subscriptions on the wire (spec 04 §2.2, §3).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{
    BillingCadence, BillingCycle, BillingPeriod, PauseStatus, PaymentTerms, ProrationBehavior, Status,
    SubscriptionStatus, SubscriptionType,
};
use utoipa::ToSchema;

use crate::aggregated_entitlements::AggregatedFeature;
use crate::checkout::CheckoutSessionResponse;
use crate::coupons::CouponAssociationResponse;
use crate::credit_grants::CreditGrantResponse;
use crate::customers::CustomerResponse;
use crate::expand::Allowed;
use crate::invoices::InvoiceResponse;
use crate::line_items::SubscriptionLineItem;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::plans::PlanResponse;
use crate::time::DateTime;

mod cancellations;
mod expanded;
mod line_terms;
mod overrides;
mod phases;
mod requests;

pub use cancellations::*;
pub use expanded::*;
pub use line_terms::*;
pub use overrides::*;
pub use phases::*;
pub use requests::*;

/// A subscription.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionResponse {
    /// Id of the record.
    pub id: String,
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
    /// The gateway's id of the card to charge; absent means its default.
    pub gateway_payment_method_id: Option<String>,
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
    /// State of the subscription.
    pub subscription_status: SubscriptionStatus,
    /// Place in a hierarchy.
    pub subscription_type: SubscriptionType,
    /// Sequence of the plan's prices at the last synchronization.
    pub synced_price_sequence: i64,
    /// IANA zone.
    pub timezone: String,
    /// End of the trial; absent without one.
    pub trial_end: Option<DateTime>,
    /// Start of the trial; absent without one.
    pub trial_start: Option<DateTime>,
    /// Number of writes.
    pub version: i64,
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

/// What `expand` allows on subscriptions (spec 01 A12).
pub const SUBSCRIPTION_EXPAND: Allowed = &[
    ("plan", &["prices"]),
    ("customer", &[]),
    ("prices", &["meters"]),
    ("meters", &[]),
    ("schedule", &[]),
    ("coupon_associations", &["coupon"]),
    ("coupon", &[]),
    ("subscription_line_items", &["prices", "meters"]),
    ("entitlements", &[]),
];

/// What `expand` allows on the subscriptions of a customer found by external id (spec 01 A12).
pub const CUSTOMER_SUBSCRIPTION_EXPAND: Allowed = &[("subscription_line_items", &["meters"]), ("entitlements", &[])];
