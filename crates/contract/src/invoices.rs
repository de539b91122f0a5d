//! Invoices on the wire (spec 05 §2, §4).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{BillingReason, InvoiceStatus, InvoiceType, PaymentStatus, Status};
use utoipa::ToSchema;

use crate::analytics::CommitmentInfo;
use crate::coupons::CouponApplicationResponse;
use crate::customers::CustomerResponse;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::number::JsonNumber;
use crate::subscriptions::SubscriptionResponse;
use crate::taxes::{TaxAppliedResponse, TaxRateOverride, TaxRateResponse};
use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A new invoice.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateInvoiceRequest {
    /// Total less adjustments.
    #[schema(required = true)]
    pub amount_due: Option<Decimal>,
    /// What has been paid.
    pub amount_paid: Option<Decimal>,
    /// Length of a billing period.
    pub billing_period: Option<String>,
    /// Why the invoice exists.
    #[serde(deserialize_with = "blank_as_none")]
    pub billing_reason: Option<BillingReason>,
    /// Coupons by id.
    pub coupons: Option<Vec<String>>,
    /// Lower-case ISO 4217 code.
    #[schema(required = true)]
    pub currency: Option<String>,
    /// Id of the customer.
    #[schema(required = true)]
    pub customer_id: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// When the invoice must be paid.
    pub due_date: Option<DateTime>,
    /// Force sync invoice.
    pub force_sync_invoice: Option<bool>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Invoice coupons.
    pub invoice_coupons: Option<Vec<InvoiceCoupon>>,
    /// Human number; given when the invoice is finalized.
    pub invoice_number: Option<String>,
    /// Where the document can be fetched.
    pub invoice_pdf_url: Option<String>,
    /// State of the invoice.
    #[serde(deserialize_with = "blank_as_none")]
    pub invoice_status: Option<InvoiceStatus>,
    /// Kind of the invoice.
    #[serde(deserialize_with = "blank_as_none")]
    pub invoice_type: Option<InvoiceType>,
    /// Date printed on the invoice.
    pub issue_date: Option<DateTime>,
    /// Coupons on single lines.
    pub line_item_coupons: Option<Vec<InvoiceLineItemCoupon>>,
    /// The lines.
    pub line_items: Option<Vec<CreateInvoiceLineItemRequest>>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// State of the payment.
    #[serde(deserialize_with = "blank_as_none")]
    pub payment_status: Option<PaymentStatus>,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// Prepared tax rates.
    pub prepared_tax_rates: Option<Vec<TaxRateResponse>>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Sum before discounts, credits and taxes.
    #[schema(required = true)]
    pub subtotal: Option<Decimal>,
    /// Absent: the automatic taxes; empty: none; else exactly these.
    pub tax_rate_overrides: Option<Vec<TaxRateOverride>>,
    /// Tax rates by id.
    pub tax_rates: Option<Vec<String>>,
    /// Amount after discounts, credits and taxes.
    #[schema(required = true)]
    pub total: Option<Decimal>,
    /// Total prepaid applied.
    pub total_prepaid_applied: Option<Decimal>,
}

/// A new invoice line item.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateInvoiceLineItemRequest {
    /// Free units that were subtracted.
    pub adjusted_entitlement_quantity: Option<Decimal>,
    /// Money in units of the currency.
    #[schema(required = true)]
    pub amount: Option<Decimal>,
    /// How a commitment changed the charge.
    pub commitment_info: Option<CommitmentInfo>,
    /// Name shown on invoices.
    pub display_name: Option<String>,
    /// Id of the owning record.
    pub entity_id: Option<String>,
    /// Kind of the owning record.
    pub entity_type: Option<String>,
    /// The line's share of the invoice's coupons.
    pub invoice_level_discount: Option<Decimal>,
    /// Discount of coupons on the line.
    pub line_item_discount: Option<Decimal>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Meter display name.
    pub meter_display_name: Option<String>,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// Plan display name.
    pub plan_display_name: Option<String>,
    /// Id of the plan.
    pub plan_id: Option<String>,
    /// Prepaid wallet credit that pays for the line.
    pub prepaid_credits_applied: Option<Decimal>,
    /// Id of the price.
    pub price_id: Option<String>,
    /// Price type.
    pub price_type: Option<String>,
    /// Code of the custom unit.
    pub price_unit: Option<String>,
    /// Amount in the custom unit.
    pub price_unit_amount: Option<Decimal>,
    /// Number of units.
    #[schema(required = true)]
    pub quantity: Option<Decimal>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
}

/// A coupon on a one-off invoice.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct InvoiceCoupon {
    /// Id of the coupon association.
    pub coupon_association_id: Option<String>,
    /// Id of the coupon.
    #[schema(required = true)]
    pub coupon_id: Option<String>,
}

/// A coupon on a line of a one-off invoice.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct InvoiceLineItemCoupon {
    /// Id of the coupon association.
    pub coupon_association_id: Option<String>,
    /// Id of the coupon.
    #[schema(required = true)]
    pub coupon_id: Option<String>,
    /// Id of the line item.
    #[schema(required = true)]
    pub line_item_id: Option<String>,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
}

/// A change of an invoice: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateInvoiceRequest {
    /// Apply discount.
    pub apply_discount: Option<bool>,
    /// When the invoice must be paid.
    pub due_date: Option<DateTime>,
    /// Where the document can be fetched.
    pub invoice_pdf_url: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// Sets the payment status of an invoice.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdatePaymentStatusRequest {
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// State of the payment.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub payment_status: Option<PaymentStatus>,
}

/// Of which subscription to preview the next invoice.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GetPreviewInvoiceRequest {
    /// Hide zero charges line items.
    #[schema(default = false)]
    pub hide_zero_charges_line_items: Option<bool>,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// Id of the subscription.
    #[schema(required = true)]
    pub subscription_id: Option<String>,
}

/// An invoice.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvoiceResponse {
    /// Sum of finalized adjustment credit notes.
    pub adjustment_amount: Decimal,
    /// Total less adjustments.
    pub amount_due: Decimal,
    /// What has been paid.
    pub amount_paid: Decimal,
    /// What is still to be paid.
    pub amount_remaining: Decimal,
    /// Length of a billing period.
    pub billing_period: String,
    /// Why the invoice exists.
    pub billing_reason: String,
    /// Counter of the subscription's invoices, from 1.
    pub billing_sequence: Option<i64>,
    /// Coupon applications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coupon_applications: Vec<CouponApplicationResponse>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
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
    /// Environment of the record.
    pub environment_id: String,
    /// When it was finalized.
    pub finalized_at: Option<DateTime>,
    /// Id of the record.
    pub id: String,
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
    /// Lifecycle state of the record.
    pub status: Status,
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
    /// Tenant of the record.
    pub tenant_id: String,
    /// Amount after discounts, credits and taxes.
    pub total: Decimal,
    /// Discounts of lines and of the invoice.
    pub total_discount: Decimal,
    /// Prepaid wallet credit that pays for usage.
    pub total_prepaid_credits_applied: Decimal,
    /// Sum of the taxes.
    pub total_tax: Decimal,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
    /// Number of writes.
    pub version: i64,
    /// When it was voided.
    pub voided_at: Option<DateTime>,
}

/// An invoice line item.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvoiceLineItemResponse {
    /// Free units that were subtracted.
    pub adjusted_entitlement_quantity: Option<Decimal>,
    /// Money in units of the currency.
    pub amount: Decimal,
    /// How a commitment changed the charge.
    pub commitment_info: Option<CommitmentInfo>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Id of the customer.
    pub customer_id: String,
    /// Name shown on invoices.
    pub display_name: String,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Id of the invoice.
    pub invoice_id: String,
    /// The line's share of the invoice's coupons.
    pub invoice_level_discount: Decimal,
    /// Discount of coupons on the line.
    pub line_item_discount: Decimal,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Meter display name.
    pub meter_display_name: String,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// The line that a manual edit replaced.
    pub parent_line_item_id: Option<String>,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// Plan display name.
    pub plan_display_name: String,
    /// Prepaid wallet credit that pays for the line.
    pub prepaid_credits_applied: Decimal,
    /// Id of the price.
    pub price_id: String,
    /// Price type.
    pub price_type: String,
    /// Code of the custom unit.
    pub price_unit: Option<String>,
    /// Amount in the custom unit.
    pub price_unit_amount: Option<Decimal>,
    /// Id of the custom unit.
    pub price_unit_id: Option<String>,
    /// Number of units.
    pub quantity: Decimal,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
    /// Usage analytics.
    pub usage_analytics: Vec<SourceUsageItem>,
    /// Usage breakdown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usage_breakdown: Vec<UsageBreakdownItem>,
}

/// A line of an invoice as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = invoice::InvoiceLineItem)]
pub struct InvoiceLineItem {
    /// Free units that were subtracted.
    pub adjusted_entitlement_quantity: Option<Decimal>,
    /// Money in units of the currency.
    pub amount: Decimal,
    /// How a commitment changed the charge.
    pub commitment_info: Option<CommitmentInfo>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Id of the customer.
    pub customer_id: String,
    /// Name shown on invoices.
    pub display_name: String,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Id of the invoice.
    pub invoice_id: String,
    /// The line's share of the invoice's coupons.
    pub invoice_level_discount: Decimal,
    /// Discount of coupons on the line.
    pub line_item_discount: Decimal,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Meter display name.
    pub meter_display_name: String,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// The line that a manual edit replaced.
    pub parent_line_item_id: Option<String>,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// Plan display name.
    pub plan_display_name: String,
    /// Prepaid wallet credit that pays for the line.
    pub prepaid_credits_applied: Decimal,
    /// Id of the price.
    pub price_id: String,
    /// Price type.
    pub price_type: String,
    /// Code of the custom unit.
    pub price_unit: Option<String>,
    /// Amount in the custom unit.
    pub price_unit_amount: Option<Decimal>,
    /// Id of the custom unit.
    pub price_unit_id: Option<String>,
    /// Number of units.
    pub quantity: Decimal,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

/// Part of a line, by property values.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageBreakdownItem {
    /// Cost.
    pub cost: Decimal,
    /// Number of events.
    pub event_count: i64,
    /// Grouped by.
    #[serialize_always]
    pub grouped_by: Option<Metadata>,
    /// Percentage.
    pub percentage: Decimal,
    /// Usage.
    pub usage: Decimal,
}

/// Part of a line, by source.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SourceUsageItem {
    /// Cost.
    pub cost: Decimal,
    /// Number of events.
    pub event_count: i64,
    /// Percentage.
    pub percentage: Decimal,
    /// Where the events come from.
    pub source: String,
    /// Usage.
    pub usage: Decimal,
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
