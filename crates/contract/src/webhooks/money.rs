//! Webhook bodies about wallets, payments and credit notes (spec 07).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{CreditNoteStatus, CreditNoteType, PaymentStatus};
use utoipa::ToSchema;

use crate::alerts::AlertSettings;
use crate::credit_notes::CreditNoteReason;
use crate::metadata::Metadata;
use crate::number::JsonNumber;
use crate::payments::{PaymentDestination, PaymentMethod};
use crate::time::DateTime;
use crate::wallets::{
    TransactionReason, TransactionStatus, TransactionType, WalletStatus, WalletTxReferenceType, WalletType,
};
use crate::webhooks::WebhookEventName;

/// A credit note in brief.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::CreditNote)]
pub struct WebhookCreditNote {
    /// Id of the record.
    pub id: Option<String>,
    /// Credit note number.
    pub credit_note_number: Option<String>,
    /// Credit note status.
    pub credit_note_status: Option<CreditNoteStatus>,
    /// Credit note type.
    pub credit_note_type: Option<CreditNoteType>,
    /// Lower-case ISO 4217 code.
    pub currency: Option<String>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// When it was finalized.
    pub finalized_at: Option<DateTime>,
    /// Id of the invoice.
    pub invoice_id: Option<String>,
    /// Memo.
    pub memo: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Why.
    pub reason: Option<CreditNoteReason>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Total amount.
    pub total_amount: Option<Decimal>,
    /// When it was voided.
    pub voided_at: Option<DateTime>,
}

/// The body of a webhook about a credit note.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::CreditNoteWebhookPayload)]
pub struct CreditNoteWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// Credit note.
    pub credit_note: Option<WebhookCreditNote>,
}

/// A payment in brief.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::Payment)]
pub struct WebhookPayment {
    /// Id of the record.
    pub id: Option<String>,
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// Lower-case ISO 4217 code.
    pub currency: Option<String>,
    /// Id of the destination.
    pub destination_id: Option<String>,
    /// Destination type.
    pub destination_type: Option<PaymentDestination>,
    /// Error message.
    pub error_message: Option<String>,
    /// When it was failed.
    pub failed_at: Option<DateTime>,
    /// Human number; given when the invoice is finalized.
    pub invoice_number: Option<String>,
    /// Payment gateway.
    pub payment_gateway: Option<String>,
    /// Payment method type.
    pub payment_method_type: Option<PaymentMethod>,
    /// State of the payment.
    pub payment_status: Option<PaymentStatus>,
    /// When it was refunded.
    pub refunded_at: Option<DateTime>,
    /// When it was succeeded.
    pub succeeded_at: Option<DateTime>,
    /// When it was voided.
    pub voided_at: Option<DateTime>,
}

/// The body of a webhook about a payment.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::PaymentWebhookPayload)]
pub struct PaymentWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// Payment.
    pub payment: Option<WebhookPayment>,
}

/// The body of a webhook about a transaction updated.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::TransactionUpdatedWebhookPayload)]
pub struct TransactionUpdatedWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// Updated transaction.
    pub updated_transaction: Option<WebhookWalletTransaction>,
}

/// The body of a webhook about a transaction.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::TransactionWebhookPayload)]
pub struct TransactionWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// Transaction.
    pub transaction: Option<WebhookWalletTransaction>,
}

/// A wallet in brief.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::Wallet)]
pub struct WebhookWallet {
    /// Id of the record.
    pub id: Option<String>,
    /// Name shown to people.
    pub name: Option<String>,
    /// Balance.
    pub balance: Option<Decimal>,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
    /// Credit balance.
    pub credit_balance: Option<Decimal>,
    /// Lower-case ISO 4217 code.
    pub currency: Option<String>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// Wallet status.
    pub wallet_status: Option<WalletStatus>,
    /// Wallet type.
    pub wallet_type: Option<WalletType>,
}

/// The facts behind a wallet alert.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::WalletAlertInfo)]
pub struct WebhookWalletAlertInfo {
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Alert type.
    pub alert_type: Option<String>,
    /// Credit balance.
    pub credit_balance: Option<JsonNumber>,
    /// Current balance.
    pub current_balance: Option<JsonNumber>,
    /// State.
    pub state: Option<String>,
}

/// A wallet transaction in brief.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::WalletTransaction)]
pub struct WebhookWalletTransaction {
    /// Id of the record.
    pub id: Option<String>,
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// Credit amount.
    pub credit_amount: Option<Decimal>,
    /// Credit balance after.
    pub credit_balance_after: Option<Decimal>,
    /// Credit balance before.
    pub credit_balance_before: Option<Decimal>,
    /// Lower-case ISO 4217 code.
    pub currency: Option<String>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Expiry date.
    pub expiry_date: Option<DateTime>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Id of the reference.
    pub reference_id: Option<String>,
    /// Reference type.
    pub reference_type: Option<WalletTxReferenceType>,
    /// Transaction reason.
    pub transaction_reason: Option<TransactionReason>,
    /// Transaction status.
    pub transaction_status: Option<TransactionStatus>,
    /// Kind of wallet transaction.
    pub r#type: Option<TransactionType>,
    /// Id of the wallet.
    pub wallet_id: Option<String>,
}

/// The body of a webhook about a wallet.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = webhookDto::WalletWebhookPayload)]
pub struct WalletWebhookBody {
    /// Name of the event.
    pub event_type: WebhookEventName,
    /// Alert.
    pub alert: Option<WebhookWalletAlertInfo>,
    /// The wallet.
    pub wallet: Option<WebhookWallet>,
}
