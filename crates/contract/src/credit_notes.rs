//! Credit notes on the wire (spec 05 §2.4).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{CreditNoteStatus, CreditNoteType, PaymentStatus, Status};
use utoipa::ToSchema;

use crate::event_lookup::Customer;
use crate::invoices::InvoiceResponse;
use crate::metadata::Metadata;
use crate::subscriptions::SubscriptionResponse;
use crate::time::DateTime;
use crate::wire::blank_as_none;

pub use tariff_core::vocabulary::CreditNoteReason;

/// A new credit note.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateCreditNoteRequest {
    /// Credit note number.
    pub credit_note_number: Option<String>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Id of the invoice.
    #[schema(required = true)]
    pub invoice_id: Option<String>,
    /// The lines.
    pub line_items: Option<Vec<CreateCreditNoteLineItemRequest>>,
    /// Memo.
    pub memo: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Process credit note.
    #[schema(default = true)]
    pub process_credit_note: Option<bool>,
    /// Why.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub reason: Option<CreditNoteReason>,
}

/// A new credit note line item.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateCreditNoteLineItemRequest {
    /// Money in units of the currency.
    #[schema(required = true)]
    pub amount: Option<Decimal>,
    /// Name shown on invoices.
    pub display_name: Option<String>,
    /// Id of the invoice line item.
    #[schema(required = true)]
    pub invoice_line_item_id: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// A credit note.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreditNoteResponse {
    /// Id of the record.
    pub id: String,
    /// Credit note number.
    pub credit_note_number: String,
    /// Credit note status.
    pub credit_note_status: CreditNoteStatus,
    /// Credit note type.
    pub credit_note_type: CreditNoteType,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// The customer.
    pub customer: Option<Customer>,
    /// Id of the customer.
    pub customer_id: String,
    /// When it was finalized.
    pub finalized_at: Option<DateTime>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// The invoice.
    pub invoice: Option<InvoiceResponse>,
    /// Id of the invoice.
    pub invoice_id: String,
    /// The lines.
    pub line_items: Vec<CreditNoteLineItem>,
    /// Memo.
    pub memo: Option<String>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Why.
    pub reason: CreditNoteReason,
    /// Refund status.
    pub refund_status: Option<PaymentStatus>,
    /// The subscription.
    pub subscription: Option<SubscriptionResponse>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Total amount.
    pub total_amount: Decimal,
    /// When it was voided.
    pub voided_at: Option<DateTime>,
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

/// Credit note line item.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = creditnote::CreditNoteLineItem)]
pub struct CreditNoteLineItem {
    /// Id of the record.
    pub id: String,
    /// Money in units of the currency.
    pub amount: Decimal,
    /// Id of the credit note.
    pub credit_note_id: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Name shown on invoices.
    pub display_name: String,
    /// Id of the invoice line item.
    pub invoice_line_item_id: Option<String>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
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
