//! Bodies of outbound webhooks (spec 07).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{EntitlementEntityType, FeatureType, UsageResetPeriod};
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::alerts::{AlertState, AlertType};
use crate::checkout::{CheckoutAction, CheckoutPaymentProvider, CheckoutStatus};
use crate::marketplaces::RejectedEventReason;
use crate::metadata::Metadata;
use crate::payments::PaymentAction;
use crate::time::DateTime;

mod money;
mod subscriptions;

pub use money::*;
pub use subscriptions::*;

wire_enum! {
    /// Name of an outbound event.
    WebhookEventName, "types.WebhookEventName" {
        /// `subscription.created`.
        SubscriptionCreated = "subscription.created",
        /// `subscription.draft.created`.
        SubscriptionDraftCreated = "subscription.draft.created",
        /// `subscription.activated`.
        SubscriptionActivated = "subscription.activated",
        /// `subscription.updated`.
        SubscriptionUpdated = "subscription.updated",
        /// `subscription.paused`.
        SubscriptionPaused = "subscription.paused",
        /// `subscription.cancelled`.
        SubscriptionCancelled = "subscription.cancelled",
        /// `subscription.resumed`.
        SubscriptionResumed = "subscription.resumed",
        /// `subscription.plan_changed`.
        SubscriptionPlanChanged = "subscription.plan_changed",
        /// `subscription.phase.created`.
        SubscriptionPhaseCreated = "subscription.phase.created",
        /// `subscription.phase.updated`.
        SubscriptionPhaseUpdated = "subscription.phase.updated",
        /// `subscription.phase.deleted`.
        SubscriptionPhaseDeleted = "subscription.phase.deleted",
        /// `feature.created`.
        FeatureCreated = "feature.created",
        /// `feature.updated`.
        FeatureUpdated = "feature.updated",
        /// `feature.deleted`.
        FeatureDeleted = "feature.deleted",
        /// `feature.wallet_balance.alert`.
        FeatureWalletBalanceAlert = "feature.wallet_balance.alert",
        /// `entitlement.created`.
        EntitlementCreated = "entitlement.created",
        /// `entitlement.updated`.
        EntitlementUpdated = "entitlement.updated",
        /// `entitlement.deleted`.
        EntitlementDeleted = "entitlement.deleted",
        /// `wallet.created`.
        WalletCreated = "wallet.created",
        /// `wallet.updated`.
        WalletUpdated = "wallet.updated",
        /// `wallet.terminated`.
        WalletTerminated = "wallet.terminated",
        /// `wallet.transaction.created`.
        WalletTransactionCreated = "wallet.transaction.created",
        /// `wallet.transaction.updated`.
        WalletTransactionUpdated = "wallet.transaction.updated",
        /// `payment.created`.
        PaymentCreated = "payment.created",
        /// `payment.updated`.
        PaymentUpdated = "payment.updated",
        /// `payment.failed`.
        PaymentFailed = "payment.failed",
        /// `payment.success`.
        PaymentSuccess = "payment.success",
        /// `payment.pending`.
        PaymentPending = "payment.pending",
        /// `customer.created`.
        CustomerCreated = "customer.created",
        /// `customer.updated`.
        CustomerUpdated = "customer.updated",
        /// `customer.deleted`.
        CustomerDeleted = "customer.deleted",
        /// `invoice.update.finalized`.
        InvoiceUpdateFinalized = "invoice.update.finalized",
        /// `invoice.update.payment`.
        InvoiceUpdatePayment = "invoice.update.payment",
        /// `invoice.update.voided`.
        InvoiceUpdateVoided = "invoice.update.voided",
        /// `invoice.update`.
        InvoiceUpdate = "invoice.update",
        /// `invoice.payment.overdue`.
        InvoicePaymentOverdue = "invoice.payment.overdue",
        /// `wallet.credit_balance.dropped`.
        WalletCreditBalanceDropped = "wallet.credit_balance.dropped",
        /// `wallet.credit_balance.recovered`.
        WalletCreditBalanceRecovered = "wallet.credit_balance.recovered",
        /// `wallet.ongoing_balance.dropped`.
        WalletOngoingBalanceDropped = "wallet.ongoing_balance.dropped",
        /// `wallet.ongoing_balance.recovered`.
        WalletOngoingBalanceRecovered = "wallet.ongoing_balance.recovered",
        /// `wallet.ongoing_balance.updated`.
        WalletOngoingBalanceUpdated = "wallet.ongoing_balance.updated",
        /// `subscription.spend.threshold_reached`.
        SubscriptionSpendThresholdReached = "subscription.spend.threshold_reached",
        /// `subscription.spend.threshold_recovered`.
        SubscriptionSpendThresholdRecovered = "subscription.spend.threshold_recovered",
        /// `subscription.line_item_spend.threshold_reached`.
        SubscriptionLineItemSpendThresholdReached = "subscription.line_item_spend.threshold_reached",
        /// `subscription.line_item_spend.threshold_recovered`.
        SubscriptionLineItemSpendThresholdRecovered = "subscription.line_item_spend.threshold_recovered",
        /// `subscription.group_spend.threshold_reached`.
        SubscriptionGroupSpendThresholdReached = "subscription.group_spend.threshold_reached",
        /// `subscription.group_spend.threshold_recovered`.
        SubscriptionGroupSpendThresholdRecovered = "subscription.group_spend.threshold_recovered",
        /// `entitlement.grant.exhausted`.
        EntitlementGrantExhausted = "entitlement.grant.exhausted",
        /// `subscription.renewal.due`.
        SubscriptionRenewalDue = "subscription.renewal.due",
        /// `invoice.communication.triggered`.
        InvoiceCommunicationTriggered = "invoice.communication.triggered",
        /// `credit_note.created`.
        CreditNoteCreated = "credit_note.created",
        /// `credit_note.updated`.
        CreditNoteUpdated = "credit_note.updated",
        /// `checkout.session.initiated`.
        CheckoutSessionInitiated = "checkout.session.initiated",
        /// `checkout.session.completed`.
        CheckoutSessionCompleted = "checkout.session.completed",
        /// `checkout.session.failed`.
        CheckoutSessionFailed = "checkout.session.failed",
        /// `checkout.session.expired`.
        CheckoutSessionExpired = "checkout.session.expired",
        /// `event.rejected`.
        EventRejected = "event.rejected",
    }
}

/// The body of a webhook about an alert.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::AlertWebhookPayload)]
pub struct AlertWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// Alert status.
    pub alert_status: Option<AlertState>,
    /// Alert type.
    pub alert_type: Option<AlertType>,
    /// Credit balance.
    pub credit_balance: Option<Decimal>,
    /// Current balance.
    pub current_balance: Option<String>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// Id of the feature.
    pub feature_id: Option<String>,
    /// Id of the wallet.
    pub wallet_id: Option<String>,
}

/// A checkout session in brief.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::CheckoutSession)]
pub struct WebhookCheckoutSession {
    /// Id of the record.
    pub id: Option<String>,
    /// Action.
    pub action: Option<CheckoutAction>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime>,
    /// Id of the checkout invoice.
    pub checkout_invoice_id: Option<String>,
    /// Id of the checkout payment.
    pub checkout_payment_id: Option<String>,
    /// Checkout status.
    pub checkout_status: Option<CheckoutStatus>,
    /// When it was completed.
    pub completed_at: Option<DateTime>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// When it stops working.
    pub expires_at: Option<DateTime>,
    /// Failure reason.
    pub failure_reason: Option<String>,
    /// Payment action.
    pub payment_action: Option<PaymentAction>,
    /// Payment provider.
    pub payment_provider: Option<CheckoutPaymentProvider>,
}

/// The body of a webhook about a checkout session.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::CheckoutSessionWebhookPayload)]
pub struct CheckoutSessionWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// The checkout that the call opened.
    pub checkout_session: Option<WebhookCheckoutSession>,
}

/// A customer; what is empty is omitted.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::Customer)]
pub struct WebhookCustomer {
    /// Id of the record.
    pub id: Option<String>,
    /// The caller's own id of the customer.
    pub external_id: Option<String>,
    /// Name shown to people.
    pub name: Option<String>,
    /// City.
    pub address_city: Option<String>,
    /// Upper-case ISO 3166-1 alpha-2 code.
    pub address_country: Option<String>,
    /// First line of the address.
    pub address_line1: Option<String>,
    /// Second line of the address.
    pub address_line2: Option<String>,
    /// Postal code.
    pub address_postal_code: Option<String>,
    /// State or region.
    pub address_state: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// IANA zone.
    pub timezone: Option<String>,
    /// Environment of the record.
    pub environment_id: Option<String>,
}

/// The body of a webhook about a customer.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::CustomerWebhookPayload)]
pub struct CustomerWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// The customer.
    pub customer: Option<WebhookCustomer>,
}

/// An entitlement in brief.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::Entitlement)]
pub struct WebhookEntitlement {
    /// Id of the record.
    pub id: Option<String>,
    /// Id of the owning record.
    pub entity_id: Option<String>,
    /// Kind of the owning record.
    pub entity_type: Option<EntitlementEntityType>,
    /// Id of the feature.
    pub feature_id: Option<String>,
    /// Feature type.
    pub feature_type: Option<FeatureType>,
    /// Whether the feature may be used.
    pub is_enabled: Option<bool>,
    /// Whether use beyond the limit is tolerated; information only.
    pub is_soft_limit: Option<bool>,
    /// Value of a static feature.
    pub static_value: Option<String>,
    /// Included units; absent means unlimited, 0 nothing.
    pub usage_limit: Option<i64>,
    /// When the allowance starts again.
    pub usage_reset_period: Option<UsageResetPeriod>,
}

/// The body of a webhook about an entitlement.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::EntitlementWebhookPayload)]
pub struct EntitlementWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// Entitlement.
    pub entitlement: Option<WebhookEntitlement>,
}

/// A feature in brief.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::Feature)]
pub struct WebhookFeature {
    /// Id of the record.
    pub id: Option<String>,
    /// Name shown to people.
    pub name: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Id of the group.
    pub group_id: Option<String>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Kind of feature.
    pub r#type: Option<FeatureType>,
    /// Name of several units.
    pub unit_plural: Option<String>,
    /// Name of one unit.
    pub unit_singular: Option<String>,
}

/// The body of a webhook about a feature.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::FeatureWebhookPayload)]
pub struct FeatureWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// The feature.
    pub feature: Option<WebhookFeature>,
}

/// An event that no meter counts.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::RejectedEventData)]
pub struct WebhookRejectedEventData {
    /// Id of the record.
    pub id: Option<String>,
    /// Name of the events.
    pub event_name: Option<String>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Free members of the event.
    pub properties: Option<Map<String, Value>>,
    /// Where the events come from.
    pub source: Option<String>,
    /// When it happened.
    #[schema(value_type = Option<String>)]
    pub timestamp: Option<DateTime>,
}

/// The body of a webhook about a rejected event.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::RejectedEventWebhookPayload)]
pub struct RejectedEventWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// The event.
    pub event: Option<WebhookRejectedEventData>,
    /// Why.
    pub reason: Option<RejectedEventReason>,
}
