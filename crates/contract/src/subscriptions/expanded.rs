//! The form of a subscription that shows of other records what `expand` asks for (spec 04 §3.3).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{
    BillingCadence, BillingCycle, BillingPeriod, PauseStatus, PaymentTerms, ProrationBehavior, Status,
    SubscriptionStatus, SubscriptionType,
};
use utoipa::ToSchema;

use super::{SubscriptionPause, SubscriptionPhaseResponse, SubscriptionResponse};
use crate::coupons::CouponAssociationResponse;
use crate::credit_grants::CreditGrantResponse;
use crate::customers::CustomerResponse;
use crate::line_items::SubscriptionLineItemResponse;
use crate::metadata::Metadata;
use crate::plans::PlanResponse;
use crate::time::DateTime;

/// A subscription with what `expand` asks for.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionResponseV2 {
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
    /// The gateway's id of the card to charge; absent means its default.
    pub gateway_payment_method_id: Option<String>,
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
    /// Whether the plan has prices that the subscription has not been brought yet.
    pub plan_prices_out_of_sync: bool,
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

/// Everything but the lines, which have a form of their own here.
impl From<SubscriptionResponse> for SubscriptionResponseV2 {
    fn from(subscription: SubscriptionResponse) -> Self {
        Self {
            id: subscription.id,
            active_pause_id: subscription.active_pause_id,
            auto_invoice_threshold: subscription.auto_invoice_threshold,
            billing_anchor: subscription.billing_anchor,
            billing_cadence: subscription.billing_cadence,
            billing_cycle: subscription.billing_cycle,
            billing_period: subscription.billing_period,
            billing_period_count: subscription.billing_period_count,
            cancel_at: subscription.cancel_at,
            cancel_at_period_end: subscription.cancel_at_period_end,
            cancelled_at: subscription.cancelled_at,
            collection_method: subscription.collection_method,
            commitment_amount: subscription.commitment_amount,
            commitment_duration: subscription.commitment_duration,
            coupon_associations: subscription.coupon_associations,
            credit_grants: subscription.credit_grants,
            currency: subscription.currency,
            current_period_end: subscription.current_period_end,
            current_period_start: subscription.current_period_start,
            customer: subscription.customer,
            customer_id: subscription.customer_id,
            enable_true_up: subscription.enable_true_up,
            end_date: subscription.end_date,
            gateway_payment_method_id: subscription.gateway_payment_method_id,
            invoicing_customer_id: subscription.invoicing_customer_id,
            lookup_key: subscription.lookup_key,
            metadata: subscription.metadata,
            overage_factor: subscription.overage_factor,
            parent_subscription_id: subscription.parent_subscription_id,
            pause_status: subscription.pause_status,
            pauses: subscription.pauses,
            payment_behavior: subscription.payment_behavior,
            payment_terms: subscription.payment_terms,
            phases: subscription.phases,
            plan: subscription.plan,
            plan_id: subscription.plan_id,
            proration_behavior: subscription.proration_behavior,
            start_date: subscription.start_date,
            subscription_status: subscription.subscription_status,
            subscription_type: subscription.subscription_type,
            synced_price_sequence: subscription.synced_price_sequence,
            timezone: subscription.timezone,
            trial_end: subscription.trial_end,
            trial_start: subscription.trial_start,
            version: subscription.version,
            tenant_id: subscription.tenant_id,
            environment_id: subscription.environment_id,
            status: subscription.status,
            created_at: subscription.created_at,
            updated_at: subscription.updated_at,
            created_by: subscription.created_by,
            updated_by: subscription.updated_by,
            line_items: Vec::new(),
            plan_prices_out_of_sync: false,
        }
    }
}
