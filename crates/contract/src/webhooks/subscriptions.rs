//! Webhook bodies about subscriptions and invoices (spec 07).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{
    BillingCadence, BillingPeriod, InvoiceStatus, InvoiceType, PauseStatus, PaymentStatus, SubscriptionStatus,
    SubscriptionType,
};
use utoipa::ToSchema;

use crate::alerts::{AlertState, AlertType};
use crate::invoices::InvoiceResponse;
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::webhooks::{WebhookCustomer, WebhookEventName};

/// The body of a webhook about a communication.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::CommunicationWebhookPayload)]
pub struct CommunicationWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// The invoice.
    pub invoice: Option<WebhookInvoice>,
}

/// An invoice in brief.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::Invoice)]
pub struct WebhookInvoice {
    /// Id of the record.
    pub id: Option<String>,
    /// Total less adjustments.
    pub amount_due: Option<Decimal>,
    /// What has been paid.
    pub amount_paid: Option<Decimal>,
    /// What is still to be paid.
    pub amount_remaining: Option<Decimal>,
    /// Why the invoice exists.
    pub billing_reason: Option<String>,
    /// Lower-case ISO 4217 code.
    pub currency: Option<String>,
    /// The customer.
    pub customer: Option<WebhookCustomer>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// When the invoice must be paid.
    pub due_date: Option<DateTime>,
    /// When it was finalized.
    pub finalized_at: Option<DateTime>,
    /// Human number; given when the invoice is finalized.
    pub invoice_number: Option<String>,
    /// Where the document can be fetched.
    pub invoice_pdf_url: Option<String>,
    /// State of the invoice.
    pub invoice_status: Option<InvoiceStatus>,
    /// Kind of the invoice.
    pub invoice_type: Option<InvoiceType>,
    /// The lines.
    pub line_items: Option<Vec<WebhookInvoiceLineItem>>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// When the invoice was settled.
    pub paid_at: Option<DateTime>,
    /// State of the payment.
    pub payment_status: Option<PaymentStatus>,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// The subscription.
    pub subscription: Option<WebhookSubscription>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Sum before discounts, credits and taxes.
    pub subtotal: Option<Decimal>,
    /// Amount after discounts, credits and taxes.
    pub total: Option<Decimal>,
    /// When it was voided.
    pub voided_at: Option<DateTime>,
    /// Environment of the record.
    pub environment_id: Option<String>,
}

/// A line of an invoice in brief.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::InvoiceLineItem)]
pub struct WebhookInvoiceLineItem {
    /// Id of the record.
    pub id: Option<String>,
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// Name shown on invoices.
    pub display_name: Option<String>,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// Plan display name.
    pub plan_display_name: Option<String>,
    /// Id of the price.
    pub price_id: Option<String>,
    /// Number of units.
    pub quantity: Option<Decimal>,
}

/// The body of a webhook about an invoice.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::InvoiceWebhookPayload)]
pub struct InvoiceWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// The invoice.
    pub invoice: Option<InvoiceResponse>,
}

/// Spend that reached a threshold.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::SpendAlertEvent)]
pub struct WebhookSpendAlertEvent {
    /// Alert status.
    pub alert_status: Option<AlertState>,
    /// Alert type.
    pub alert_type: Option<AlertType>,
    /// Current spend.
    pub current_spend: Option<String>,
    /// Id of the group.
    pub group_id: Option<String>,
    /// The subscription.
    pub subscription: Option<WebhookSubscription>,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
    /// Value at which the level is reached.
    pub threshold: Option<Decimal>,
    /// When it was triggered.
    pub triggered_at: Option<DateTime>,
}

/// A subscription in brief.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::Subscription)]
pub struct WebhookSubscription {
    /// Id of the record.
    pub id: Option<String>,
    /// Always `RECURRING`.
    pub billing_cadence: Option<BillingCadence>,
    /// Length of a billing period.
    pub billing_period: Option<BillingPeriod>,
    /// Number of billing periods per invoice.
    pub billing_period_count: Option<i64>,
    /// When the subscription ends.
    pub cancel_at: Option<DateTime>,
    /// Whether it ends with the current period.
    pub cancel_at_period_end: Option<bool>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime>,
    /// Lower-case ISO 4217 code.
    pub currency: Option<String>,
    /// End of the current period, exclusive.
    pub current_period_end: Option<DateTime>,
    /// Start of the current period, inclusive.
    pub current_period_start: Option<DateTime>,
    /// The customer.
    pub customer: Option<WebhookCustomer>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Parent of an inherited or grouped subscription.
    pub parent_subscription_id: Option<String>,
    /// State of the pause.
    pub pause_status: Option<PauseStatus>,
    /// Id of the plan.
    pub plan_id: Option<String>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// State of the subscription.
    pub subscription_status: Option<SubscriptionStatus>,
    /// Place in a hierarchy.
    pub subscription_type: Option<SubscriptionType>,
    /// End of the trial; absent without one.
    pub trial_end: Option<DateTime>,
    /// Start of the trial; absent without one.
    pub trial_start: Option<DateTime>,
}

/// A phase in brief.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::SubscriptionPhase)]
pub struct WebhookSubscriptionPhase {
    /// Id of the record.
    pub id: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
}

/// The body of a webhook about a subscription phase.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::SubscriptionPhaseWebhookPayload)]
pub struct SubscriptionPhaseWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// Phase.
    pub phase: Option<WebhookSubscriptionPhase>,
}

/// The body of a webhook about a subscription.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::SubscriptionWebhookPayload)]
pub struct SubscriptionWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// The subscription.
    pub subscription: Option<WebhookSubscription>,
}
