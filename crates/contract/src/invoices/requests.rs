//! What makes or changes an invoice (spec 05 §4.1).

use serde::{Deserialize, Serialize};
use tariff_core::Decimal;
use tariff_core::vocabulary::{BillingReason, InvoiceStatus, InvoiceType, PaymentStatus};
use utoipa::ToSchema;

use crate::analytics::CommitmentInfo;
use crate::error::ApiError;
use crate::metadata::Metadata;
use crate::taxes::{TaxRateOverride, TaxRateResponse};
use crate::time::DateTime;
use crate::validate::FieldErrors;
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

/// Longest idempotency key, in code points.
const IDEMPOTENCY_KEY_CHARS_MAX: usize = 100;

impl CreateInvoiceRequest {
    /// Checks the rules that need no stored record (spec 05 §4.1). Ignored members are not checked.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("customer_id", self.customer_id.as_ref());
        errors.required("currency", self.currency.as_ref());
        errors.currency("currency", self.currency.as_deref());
        errors.present("invoice_type", self.invoice_type.as_ref());
        errors.length(
            "idempotency_key",
            self.idempotency_key.as_deref(),
            0,
            IDEMPOTENCY_KEY_CHARS_MAX,
        );
        let ordered = self
            .period_start
            .zip(self.period_end)
            .is_none_or(|(start, end)| start <= end);
        errors.check(ordered, "period_end", "must not be before period_start");
        errors.each(
            "line_items",
            self.line_items.as_deref(),
            CreateInvoiceLineItemRequest::check,
        );
        TaxRateOverride::check_all(self.tax_rate_overrides.as_deref(), &mut errors);
        if let Some(metadata) = &self.metadata {
            metadata.check_tax_keys(&mut errors);
        }
        errors.finish()
    }
}

impl CreateInvoiceLineItemRequest {
    /// Records the members that break a rule.
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.present("amount", self.amount.as_ref());
        errors.not_negative("amount", self.amount.as_ref());
        errors.present("quantity", self.quantity.as_ref());
        errors.not_negative("quantity", self.quantity.as_ref());
    }
}

impl UpdateInvoiceRequest {
    /// Checks the field rules (spec 05 §4.1). Whether the due date is past needs a clock.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        let url = self.invoice_pdf_url.as_deref().filter(|url| !url.is_empty());
        let secure = url.is_none_or(|url| url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()));
        errors.check(secure, "invoice_pdf_url", "must be an absolute https URL");
        if let Some(metadata) = &self.metadata {
            metadata.check_tax_keys(&mut errors);
        }
        errors.finish()
    }
}

impl UpdatePaymentStatusRequest {
    /// Checks the field rules (spec 05 §5.16).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.present("payment_status", self.payment_status.as_ref());
        errors.not_negative("amount", self.amount.as_ref());
        errors.finish()
    }
}

impl GetPreviewInvoiceRequest {
    /// Checks the field rules (spec 05 §5.13).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("subscription_id", self.subscription_id.as_ref());
        let ordered = self
            .period_start
            .zip(self.period_end)
            .is_none_or(|(start, end)| start <= end);
        errors.check(ordered, "period_end", "must not be before period_start");
        errors.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_off_invoices_need_customer_currency_and_type() {
        let request: CreateInvoiceRequest =
            serde_json::from_str(r#"{"currency":"us","line_items":[{"amount":"-1","quantity":"1"}]}"#).unwrap();
        let failed: Vec<String> = request.validate().unwrap_err().details.into_keys().collect();
        assert_eq!(
            failed,
            ["currency", "customer_id", "invoice_type", "line_items[0].amount"]
        );
    }

    #[test]
    fn document_links_are_https() {
        for (url, valid) in [
            ("https://x.co/a.pdf", true),
            ("", true),
            ("http://x.co/a.pdf", false),
            ("https://", false),
        ] {
            let request = UpdateInvoiceRequest {
                invoice_pdf_url: Some(url.into()),
                ..UpdateInvoiceRequest::default()
            };
            assert_eq!(request.validate().is_ok(), valid, "{url}");
        }
    }
}
