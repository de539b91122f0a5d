//! Checkout sessions on the wire (spec 05, spec 07).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{BillingPeriod, CollectionMethod, ProrationBehavior, Status};
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::addons::AddonCadence;
use crate::metadata::Metadata;
use crate::payments::{PaymentAction, PaymentMethod};
use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A new checkout session.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateCheckoutSessionRequest {
    /// Action.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub action: Option<CheckoutAction>,
    /// Cancel url.
    pub cancel_url: Option<String>,
    /// Configuration.
    pub configuration: Option<CheckoutConfiguration>,
    /// Id of the customer external.
    #[schema(required = true)]
    pub customer_external_id: Option<String>,
    /// Failure url.
    pub failure_url: Option<String>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Payment provider.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub payment_provider: Option<CheckoutPaymentProvider>,
    /// Payment provider config.
    pub payment_provider_config: Option<CheckoutPaymentProviderConfig>,
    /// Success url.
    pub success_url: Option<String>,
}

/// Checkout params.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CheckoutParams {
    /// Cancel url.
    pub cancel_url: Option<String>,
    /// Failure url.
    pub failure_url: Option<String>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Payment provider.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub payment_provider: Option<CheckoutPaymentProvider>,
    /// Payment provider config.
    pub payment_provider_config: Option<CheckoutPaymentProviderConfig>,
    /// Success url.
    pub success_url: Option<String>,
}

/// A checkout session.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CheckoutSessionResponse {
    /// Id of the record.
    pub id: String,
    /// Action.
    pub action: CheckoutAction,
    /// Cancel url.
    pub cancel_url: Option<String>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime>,
    /// Id of the checkout invoice.
    pub checkout_invoice_id: Option<String>,
    /// Id of the checkout payment.
    pub checkout_payment_id: Option<String>,
    /// Checkout status.
    pub checkout_status: CheckoutStatus,
    /// When it was completed.
    pub completed_at: Option<DateTime>,
    /// Configuration.
    pub configuration: Option<StoredCheckoutConfiguration>,
    /// Id of the customer.
    pub customer_id: String,
    /// When it stops working.
    pub expires_at: Option<DateTime>,
    /// Failure reason.
    pub failure_reason: Option<String>,
    /// Failure url.
    pub failure_url: Option<String>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Payment action.
    pub payment_action: Option<PaymentAction>,
    /// Payment provider.
    pub payment_provider: CheckoutPaymentProvider,
    /// Payment provider config.
    pub payment_provider_config: Option<StoredCheckoutPaymentProviderConfig>,
    /// Provider result.
    pub provider_result: Option<StoredCheckoutProviderResult>,
    /// Result.
    pub result: Option<StoredCheckoutResult>,
    /// Success url.
    pub success_url: Option<String>,
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

/// Checkout configuration.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = checkout::JSONBCheckoutConfiguration)]
pub struct StoredCheckoutConfiguration {
    /// Add addon params.
    pub add_addon_params: Option<AddAddonParams>,
    /// Create subscription params.
    pub create_subscription_params: Option<CreateSubscriptionParams>,
    /// Modify subscription params.
    pub modify_subscription_params: Option<ModifySubscriptionParams>,
    /// Wallet topup params.
    pub wallet_topup_params: Option<WalletTopupParams>,
}

/// Checkout payment provider config.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = checkout::JSONBCheckoutPaymentProviderConfig)]
pub struct StoredCheckoutPaymentProviderConfig {
    /// How invoices are collected.
    pub collection_method: Option<CollectionMethod>,
    /// Max mandate limit.
    pub max_mandate_limit: Option<Decimal>,
    /// Payment method.
    pub payment_method: PaymentMethod,
}

/// Checkout provider result.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = checkout::JSONBCheckoutProviderResult)]
pub struct StoredCheckoutProviderResult {
    /// When it stops working.
    pub expires_at: Option<DateTime>,
    /// What the customer has to do.
    pub next_action: Option<PaymentAction>,
    /// Provider metadata.
    #[serialize_always]
    pub provider_metadata: Option<Metadata>,
    /// Id of the provider payment intent.
    pub provider_payment_intent_id: Option<String>,
    /// Id of the provider session.
    pub provider_session_id: Option<String>,
}

/// Checkout result.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = checkout::JSONBCheckoutResult)]
pub struct StoredCheckoutResult {
    /// Create subscription result.
    pub create_subscription_result: Option<CreateSubscriptionResult>,
}

wire_enum! {
    /// Checkout action.
    CheckoutAction, "types.CheckoutAction" {
        /// `create_subscription`.
        CreateSubscription = "create_subscription",
        /// `modify_subscription`.
        ModifySubscription = "modify_subscription",
        /// `wallet_topup`.
        WalletTopup = "wallet_topup",
        /// `add_addon`.
        AddAddon = "add_addon",
    }
}

/// Checkout configuration.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::CheckoutConfiguration)]
pub struct CheckoutConfiguration {
    /// Add addon params.
    pub add_addon_params: Option<AddAddonParams>,
    /// Create subscription params.
    pub create_subscription_params: Option<CreateSubscriptionParams>,
    /// Modify subscription params.
    pub modify_subscription_params: Option<ModifySubscriptionParams>,
    /// Wallet topup params.
    pub wallet_topup_params: Option<WalletTopupParams>,
}

wire_enum! {
    /// Checkout payment provider.
    CheckoutPaymentProvider, "types.CheckoutPaymentProvider" {
        /// `razorpay`.
        Razorpay = "razorpay",
    }
}

/// Checkout payment provider config.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::CheckoutPaymentProviderConfig)]
pub struct CheckoutPaymentProviderConfig {
    /// How invoices are collected.
    #[serde(deserialize_with = "blank_as_none")]
    pub collection_method: Option<CollectionMethod>,
    /// Max mandate limit.
    pub max_mandate_limit: Option<Decimal>,
    /// Payment method.
    #[serde(deserialize_with = "blank_as_none")]
    pub payment_method: Option<PaymentMethod>,
}

wire_enum! {
    /// Checkout status.
    CheckoutStatus, "types.CheckoutStatus" {
        /// `initiated`.
        Initiated = "initiated",
        /// `pending`.
        Pending = "pending",
        /// `completed`.
        Completed = "completed",
        /// `failed`.
        Failed = "failed",
        /// `expired`.
        Expired = "expired",
    }
}

/// Create subscription params.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::CreateSubscriptionParams)]
pub struct CreateSubscriptionParams {
    /// Length of a billing period.
    #[serde(deserialize_with = "blank_as_none")]
    pub billing_period: Option<BillingPeriod>,
    /// Lower-case ISO 4217 code.
    pub currency: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Id of the plan.
    pub plan_id: Option<String>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
}

/// Create subscription result.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = types::CreateSubscriptionResult)]
pub struct CreateSubscriptionResult {
    /// Id of the invoice.
    pub invoice_id: String,
    /// Id of the payment.
    pub payment_id: String,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
}

/// Modify subscription params.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::ModifySubscriptionParams)]
pub struct ModifySubscriptionParams {
    /// Line item modifications.
    pub line_item_modifications: Option<Vec<ModifySubscriptionLineItem>>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
}

/// Modify subscription line item.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::ModifySubscriptionLineItem)]
pub struct ModifySubscriptionLineItem {
    /// When it takes effect.
    pub effective_date: Option<DateTime>,
    /// Id of the line item.
    pub line_item_id: Option<String>,
    /// Number of units.
    pub quantity: Option<Decimal>,
}

/// Add addon params.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::AddAddonParams)]
pub struct AddAddonParams {
    /// Addons to attach.
    pub addons: Option<Vec<AddAddonRef>>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
}

/// Add addon ref.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::AddAddonRef)]
pub struct AddAddonRef {
    /// Id of the addon.
    pub addon_id: Option<String>,
    /// Id of the association.
    pub association_id: Option<String>,
    /// How often it applies.
    #[serde(deserialize_with = "blank_as_none")]
    pub cadence: Option<AddonCadence>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    pub proration_behavior: Option<ProrationBehavior>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
}

/// Wallet topup params.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::WalletTopupParams)]
pub struct WalletTopupParams {
    /// Id of the wallet.
    #[schema(required = true)]
    pub wallet_id: Option<String>,
    /// Id of the wallet transaction.
    pub wallet_transaction_id: Option<String>,
}
