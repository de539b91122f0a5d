//! Invoices on the wire (spec 05 §2, §4).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{BillingReason, InvoiceStatus, InvoiceType, PaymentStatus, Status};
use utoipa::ToSchema;

use crate::coupons::CouponApplicationResponse;
use crate::customers::CustomerResponse;
use crate::expand::Allowed;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::number::JsonNumber;
use crate::subscriptions::SubscriptionResponse;
use crate::taxes::TaxAppliedResponse;
use crate::time::DateTime;
use crate::wire::blank_as_none;

mod lines;
mod requests;

pub use lines::*;
pub use requests::*;

/// An invoice.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvoiceResponse {
    /// Id of the record.
    pub id: String,
    /// Sum of finalized adjustment credit notes.
    pub adjustment_amount: Decimal,
    /// Total less adjustments.
    pub amount_due: Decimal,
    /// What has been paid.
    pub amount_paid: Decimal,
    /// What is still to be paid.
    pub amount_remaining: Decimal,
    /// Length of a billing period.
    pub billing_period: Option<String>,
    /// Why the invoice exists.
    pub billing_reason: String,
    /// Counter of the subscription's invoices, from 1.
    pub billing_sequence: Option<i64>,
    /// Coupon applications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coupon_applications: Vec<CouponApplicationResponse>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// The customer.
    pub customer: Option<CustomerResponse>,
    /// Id of the customer.
    pub customer_id: String,
    /// Text shown to people.
    pub description: String,
    /// When the invoice must be paid.
    pub due_date: Option<DateTime>,
    /// When it was finalized.
    pub finalized_at: Option<DateTime>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Human number; given when the invoice is finalized.
    pub invoice_number: Option<String>,
    /// Where the document can be fetched.
    pub invoice_pdf_url: Option<String>,
    /// State of the invoice.
    pub invoice_status: InvoiceStatus,
    /// Kind of the invoice.
    pub invoice_type: InvoiceType,
    /// Whether a person edited the lines; no computation happens then.
    pub is_manually_edited: bool,
    /// Date printed on the invoice.
    pub issue_date: Option<DateTime>,
    /// When the lines were computed last; absent on an empty draft.
    pub last_computed_at: Option<DateTime>,
    /// The lines.
    pub line_items: Vec<InvoiceLineItemResponse>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// What was paid beyond the total; only when overpaid.
    pub overpaid_amount: Option<Decimal>,
    /// When the invoice was settled.
    pub paid_at: Option<DateTime>,
    /// State of the payment.
    pub payment_status: PaymentStatus,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// The invoice that replaces this voided one.
    pub recalculated_invoice_id: Option<String>,
    /// Sum of finalized refund credit notes.
    pub refunded_amount: Decimal,
    /// The subscription.
    #[schema(no_recursion)]
    pub subscription: Option<Box<SubscriptionResponse>>,
    /// Owner of the subscription, when somebody else pays.
    pub subscription_customer_id: Option<String>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Sum before discounts, credits and taxes.
    pub subtotal: Decimal,
    /// Taxes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<TaxAppliedResponse>,
    /// Amount after discounts, credits and taxes.
    pub total: Decimal,
    /// Discounts of lines and of the invoice.
    pub total_discount: Decimal,
    /// Prepaid wallet credit that pays for usage.
    pub total_prepaid_credits_applied: Decimal,
    /// Sum of the taxes.
    pub total_tax: Decimal,
    /// Number of writes.
    pub version: i64,
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

list_response! {
    /// A page of invoices.
    ListInvoicesResponse of InvoiceResponse
}

list_filter! {
    /// Which invoices to list.
    InvoiceFilter as types::InvoiceFilter {
        /// Amount due gt.
        pub amount_due_gt: Option<JsonNumber>,
        /// Amount remaining gt.
        pub amount_remaining_gt: Option<JsonNumber>,
        /// Why the invoice exists.
        #[serde(deserialize_with = "blank_as_none")]
        pub billing_reason: Option<BillingReason>,
        /// Lower-case ISO 4217 code.
        pub currency: Option<String>,
        /// Id of the customer.
        pub customer_id: Option<String>,
        /// The caller's own id of the customer.
        pub external_customer_id: Option<String>,
        /// Only these invoices.
        pub invoice_ids: Option<Vec<String>>,
        /// State of the invoice.
        pub invoice_status: Option<Vec<InvoiceStatus>>,
        /// Kind of the invoice.
        #[serde(deserialize_with = "blank_as_none")]
        pub invoice_type: Option<InvoiceType>,
        /// State of the payment.
        pub payment_status: Option<Vec<PaymentStatus>>,
        /// Period end gte.
        #[schema(value_type = Option<String>)]
        pub period_end_gte: Option<DateTime>,
        /// Period end lte.
        #[schema(value_type = Option<String>)]
        pub period_end_lte: Option<DateTime>,
        /// Period start gte.
        #[schema(value_type = Option<String>)]
        pub period_start_gte: Option<DateTime>,
        /// Period start lte.
        #[schema(value_type = Option<String>)]
        pub period_start_lte: Option<DateTime>,
        /// Leaves the lines out of the answer.
        pub skip_line_items: Option<bool>,
        /// Owner of the subscription, when somebody else pays.
        pub subscription_customer_id: Option<Vec<String>>,
        /// Id of the subscription.
        pub subscription_id: Option<String>,
    }
}

/// What a customer owes in one currency.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CustomerInvoiceSummary {
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Id of the customer.
    pub customer_id: String,
    /// Overdue invoice count.
    pub overdue_invoice_count: i64,
    /// Total invoice count.
    pub total_invoice_count: i64,
    /// Total overdue amount.
    pub total_overdue_amount: Decimal,
    /// Total revenue amount.
    pub total_revenue_amount: Decimal,
    /// Total unpaid amount.
    pub total_unpaid_amount: Decimal,
    /// Unpaid fixed charges.
    pub unpaid_fixed_charges: Decimal,
    /// Unpaid invoice count.
    pub unpaid_invoice_count: i64,
    /// Unpaid usage charges.
    pub unpaid_usage_charges: Decimal,
}

/// What a customer owes, by currency.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CustomerMultiCurrencyInvoiceSummary {
    /// Id of the customer.
    pub customer_id: String,
    /// Default currency.
    pub default_currency: String,
    /// Summaries.
    pub summaries: Vec<CustomerInvoiceSummary>,
}

/// What `expand` allows on invoices (spec 01 A12).
pub const INVOICE_EXPAND: Allowed = &[
    ("subscription", &["plan"]),
    ("customer", &[]),
    ("coupon_applications", &["coupon"]),
    ("tax_applied", &["tax_rate"]),
];
