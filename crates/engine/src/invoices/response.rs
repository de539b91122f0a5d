//! The wire form of invoices.

use tariff_contract::customers::CustomerResponse;
use tariff_contract::invoices::{InvoiceLineItemResponse, InvoiceResponse};
use tariff_contract::{DateTime, Metadata};
use tariff_core::Decimal;
use tariff_core::vocabulary::PaymentStatus;
use tariff_store::column::{Number, Time};
use tariff_store::entity::{invoice_line_items, invoices};

/// An invoice with its lines.
pub(crate) fn response(
    invoice: invoices::Model,
    lines: Vec<invoice_line_items::Model>,
    customer: Option<CustomerResponse>,
) -> InvoiceResponse {
    InvoiceResponse {
        overpaid_amount: overpaid(&invoice),
        id: invoice.id,
        customer_id: invoice.customer_id,
        subscription_id: invoice.subscription_id,
        subscription_customer_id: invoice.subscription_customer_id,
        invoice_type: invoice.invoice_type.0,
        invoice_status: invoice.invoice_status.0,
        payment_status: invoice.payment_status.0,
        billing_reason: invoice.billing_reason,
        billing_period: Some(invoice.billing_period),
        billing_sequence: invoice.billing_sequence,
        currency: invoice.currency,
        subtotal: invoice.subtotal.0,
        total_discount: invoice.total_discount.0,
        total_prepaid_credits_applied: invoice.total_prepaid_credits_applied.0,
        total_tax: invoice.total_tax.0,
        total: invoice.total.0,
        adjustment_amount: invoice.adjustment_amount.0,
        refunded_amount: invoice.refunded_amount.0,
        amount_due: invoice.amount_due.0,
        amount_paid: invoice.amount_paid.0,
        amount_remaining: invoice.amount_remaining.0,
        invoice_number: Some(invoice.invoice_number),
        description: invoice.description,
        idempotency_key: invoice.idempotency_key,
        issue_date: Some(DateTime(invoice.issue_date.0)),
        due_date: wire(invoice.due_date),
        period_start: wire(invoice.period_start),
        period_end: wire(invoice.period_end),
        last_computed_at: wire(invoice.last_computed_at),
        finalized_at: wire(invoice.finalized_at),
        voided_at: wire(invoice.voided_at),
        paid_at: wire(invoice.paid_at),
        is_manually_edited: invoice.is_manually_edited,
        recalculated_invoice_id: invoice.recalculated_invoice_id,
        invoice_pdf_url: invoice.invoice_pdf_url,
        metadata: invoice.metadata.map(|metadata| Metadata(metadata.0)),
        version: invoice.version,
        line_items: lines.into_iter().map(line).collect(),
        coupon_applications: Vec::new(),
        taxes: Vec::new(),
        customer,
        subscription: None,
        tenant_id: invoice.tenant_id,
        environment_id: invoice.environment_id,
        status: invoice.status.0,
        created_at: DateTime(invoice.created_at.0),
        updated_at: DateTime(invoice.updated_at.0),
        created_by: invoice.created_by,
        updated_by: invoice.updated_by,
    }
}

fn wire(time: Option<Time>) -> Option<DateTime> {
    time.map(|time| DateTime(time.0))
}

fn overpaid(invoice: &invoices::Model) -> Option<Decimal> {
    let excess = &invoice.amount_paid.0 - &invoice.total.0;
    (invoice.payment_status.0 == PaymentStatus::Overpaid && excess.is_positive()).then_some(excess)
}

/// A line of an invoice.
pub(super) fn line(line: invoice_line_items::Model) -> InvoiceLineItemResponse {
    let number = |number: Number| number.0;
    InvoiceLineItemResponse {
        id: line.id,
        invoice_id: line.invoice_id,
        customer_id: line.customer_id,
        subscription_id: line.subscription_id,
        subscription_line_item_id: line.subscription_line_item_id,
        entity_type: line.entity_type,
        entity_id: line.entity_id,
        plan_display_name: line.plan_display_name,
        price_id: line.price_id.unwrap_or_default(),
        price_type: line
            .price_type
            .map(|kind| kind.0.as_str().to_owned())
            .unwrap_or_default(),
        meter_id: line.meter_id,
        meter_display_name: line.meter_display_name,
        price_unit_id: line.price_unit_id,
        price_unit: line.price_unit,
        price_unit_amount: line.price_unit_amount.map(number),
        display_name: line.display_name,
        amount: line.amount.0,
        quantity: line.quantity.0,
        adjusted_entitlement_quantity: line.adjusted_entitlement_quantity.map(number),
        currency: line.currency,
        line_item_discount: line.line_item_discount.0,
        invoice_level_discount: line.invoice_level_discount.0,
        prepaid_credits_applied: line.prepaid_credits_applied.0,
        // Written by this server alone; an unreadable one is not worth failing an invoice for.
        commitment_info: line
            .commitment_info
            .and_then(|info| serde_json::from_value(info.0).ok()),
        period_start: wire(line.period_start),
        period_end: wire(line.period_end),
        parent_line_item_id: line.parent_line_item_id,
        metadata: line.metadata.map(|metadata| Metadata(metadata.0)),
        usage_analytics: Vec::new(),
        usage_breakdown: Vec::new(),
        tenant_id: line.tenant_id,
        environment_id: line.environment_id,
        status: line.status.0,
        created_at: DateTime(line.created_at.0),
        updated_at: DateTime(line.updated_at.0),
        created_by: line.created_by,
        updated_by: line.updated_by,
    }
}
