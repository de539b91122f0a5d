//! Payments on the wire (spec 05 §2.3).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::PaymentStatus;
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::list::list_response;
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A new payment.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreatePaymentRequest {
    /// Money in units of the currency.
    #[schema(required = true)]
    pub amount: Option<Decimal>,
    /// Cancel url.
    pub cancel_url: Option<String>,
    /// Lower-case ISO 4217 code.
    #[schema(required = true)]
    pub currency: Option<String>,
    /// Id of the destination.
    #[schema(required = true)]
    pub destination_id: Option<String>,
    /// Destination type.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub destination_type: Option<PaymentDestination>,
    /// Gateway options.
    pub gateway_options: Option<PaymentGatewayOptions>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Payment gateway.
    #[serde(deserialize_with = "blank_as_none")]
    pub payment_gateway: Option<PaymentGateway>,
    /// Id of the payment method.
    pub payment_method_id: Option<String>,
    /// Payment method type.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub payment_method_type: Option<PaymentMethod>,
    /// Process payment.
    #[schema(default = true)]
    pub process_payment: Option<bool>,
    /// Save card and make default.
    #[schema(default = false)]
    pub save_card_and_make_default: Option<bool>,
    /// Success url.
    pub success_url: Option<String>,
}

/// A change of a payment: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdatePaymentRequest {
    /// Error message.
    pub error_message: Option<String>,
    /// When it was failed.
    pub failed_at: Option<DateTime>,
    /// Id of the gateway payment.
    pub gateway_payment_id: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Payment gateway.
    pub payment_gateway: Option<String>,
    /// Id of the payment method.
    pub payment_method_id: Option<String>,
    /// State of the payment.
    pub payment_status: Option<String>,
    /// When it was refunded.
    pub refunded_at: Option<DateTime>,
    /// When it was succeeded.
    pub succeeded_at: Option<DateTime>,
    /// When it was voided.
    pub voided_at: Option<DateTime>,
}

/// A payment.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PaymentResponse {
    /// Id of the record.
    pub id: String,
    /// Money in units of the currency.
    pub amount: Decimal,
    /// Attempts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<PaymentAttemptResponse>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Id of the destination.
    pub destination_id: Option<String>,
    /// Destination type.
    pub destination_type: PaymentDestination,
    /// Error message.
    pub error_message: Option<String>,
    /// When it was failed.
    pub failed_at: Option<DateTime>,
    /// Gateway metadata.
    #[serialize_always]
    pub gateway_metadata: Option<Metadata>,
    /// Id of the gateway payment.
    pub gateway_payment_id: Option<String>,
    /// Id of the gateway tracking.
    pub gateway_tracking_id: Option<String>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Human number; given when the invoice is finalized.
    pub invoice_number: Option<String>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Payment gateway.
    pub payment_gateway: String,
    /// Id of the payment method.
    pub payment_method_id: Option<String>,
    /// Payment method type.
    pub payment_method_type: PaymentMethod,
    /// State of the payment.
    pub payment_status: PaymentStatus,
    /// Payment url.
    pub payment_url: Option<String>,
    /// When it was refunded.
    pub refunded_at: Option<DateTime>,
    /// Save card and make default.
    pub save_card_and_make_default: bool,
    /// When it was succeeded.
    pub succeeded_at: Option<DateTime>,
    /// Track attempts.
    pub track_attempts: bool,
    /// When it was voided.
    pub voided_at: Option<DateTime>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

/// A payment attempt.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PaymentAttemptResponse {
    /// Id of the record.
    pub id: String,
    /// Attempt number.
    pub attempt_number: i64,
    /// Error message.
    pub error_message: Option<String>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Id of the payment.
    pub payment_id: String,
    /// Tenant of the record.
    pub tenant_id: String,
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
    /// A page of payments.
    ListPaymentsResponse of PaymentResponse
}

/// Payment gateway options.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PaymentGatewayOptions {
    /// Stripe.
    pub stripe: Option<StripePaymentGatewayOptions>,
}

/// Stripe payment gateway options.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct StripePaymentGatewayOptions {
    /// Whether tax id collection is on.
    pub tax_id_collection_enabled: Option<bool>,
}

wire_enum! {
    /// Payment destination type.
    PaymentDestination, "types.PaymentDestinationType" {
        /// `INVOICE`.
        Invoice = "INVOICE",
        /// `CUSTOMER`.
        Customer = "CUSTOMER",
    }
}

wire_enum! {
    /// Payment gateway type.
    PaymentGateway, "types.PaymentGatewayType" {
        /// `stripe`.
        Stripe = "stripe",
        /// `razorpay`.
        Razorpay = "razorpay",
        /// `nomod`.
        Nomod = "nomod",
        /// `moyasar`.
        Moyasar = "moyasar",
        /// `paddle`.
        Paddle = "paddle",
        /// `whop`.
        Whop = "whop",
    }
}

wire_enum! {
    /// Payment method type.
    PaymentMethod, "types.PaymentMethodType" {
        /// `CARD`.
        Card = "CARD",
        /// `ACH`.
        Ach = "ACH",
        /// `OFFLINE`.
        Offline = "OFFLINE",
        /// `CREDITS`.
        Credits = "CREDITS",
        /// `PAYMENT_LINK`.
        PaymentLink = "PAYMENT_LINK",
        /// `UPI`.
        Upi = "UPI",
    }
}

/// Payment action.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = types::PaymentAction)]
pub struct PaymentAction {
    /// Kind of payment action.
    pub r#type: PaymentActionType,
    /// Url.
    pub url: String,
}

wire_enum! {
    /// Payment action type.
    PaymentActionType, "types.PaymentActionType" {
        /// `checkout_url`.
        CheckoutUrl = "checkout_url",
        /// `payment_link`.
        PaymentLink = "payment_link",
    }
}
