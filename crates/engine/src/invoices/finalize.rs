//! Finalizing a draft: totals with credits and tax, number, payment status; one-way (spec 05 §5.9).

use tariff_contract::error::ApiError;
use tariff_core::invoice::{ComputedInvoice, ComputedLine, FinalTotals, InvoiceBalance, finalized_payment_status};
use tariff_core::tax::TaxRate;
use tariff_core::vocabulary::{BillingReason, CollectionMethod, InvoiceStatus, PriceType};
use tariff_store::column::{Number, Time, Word};
use tariff_store::entity::{invoice_line_items, invoices, subscriptions};
use tariff_store::{Scoped, counter, set};

use super::compute::{currency_of, period_of, reason_of};
use super::{InvoiceConfig, lines_of, unknown};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::settings;
use crate::taxes::{self, Bearer, DueTax};

impl Engine {
    /// Finalizes a draft at once, whatever its delay. A skipped invoice stays as it is.
    ///
    /// # Errors
    /// `not_found`; `validation_error` unless it is a draft.
    pub async fn finalize_invoice(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let invoice = work
            .rows()
            .lock::<invoices::Entity>(id)
            .await?
            .ok_or_else(|| unknown(id))?;
        let config = settings::of::<InvoiceConfig>(&work.rows()).await?;
        finalize(&work, invoice, &config).await?;
        work.commit().await
    }
}

/// Finalizes a locked draft. A skipped invoice stays as it is.
pub(crate) async fn finalize(
    work: &Work<'_>,
    invoice: invoices::Model,
    config: &InvoiceConfig,
) -> Result<invoices::Model> {
    match invoice.invoice_status.0 {
        InvoiceStatus::Draft => {}
        InvoiceStatus::Skipped => return Ok(invoice),
        InvoiceStatus::Finalized | InvoiceStatus::Voided => {
            let message = format!("A {} invoice cannot be finalized", invoice.invoice_status.0);
            return Err(ApiError::validation(message)
                .detail("invoice_id", invoice.id.as_str())
                .into());
        }
    }
    let lines = lines_of(&work.rows(), [invoice.id.clone()]).await?;
    let due = due_taxes(&work.rows(), &invoice, &lines).await?;
    let totals = totals(&invoice, &lines, &taxes::rates_of(&due))?;
    taxes::record(work, &invoice, &due, &totals.taxes).await?;
    let mut changes = written(totals);
    if invoice.invoice_number.is_empty() {
        changes.invoice_number = set(next_number(work, config).await?);
    }
    let total = changes.total.clone().take().unwrap_or_else(|| invoice.total.clone()).0;
    let collection = collection_method(work, &invoice).await?;
    let payment_status = finalized_payment_status(&total, reason_of(&invoice), collection);
    let balance = InvoiceBalance::new(&total - &invoice.adjustment_amount.0, invoice.amount_paid.0.clone());
    changes.amount_due = set(Number(balance.amount_due));
    changes.amount_remaining = set(Number(balance.amount_remaining));
    changes.payment_status = set(Word(payment_status));
    changes.invoice_status = set(Word(InvoiceStatus::Finalized));
    changes.finalized_at = set(Some(Time(work.now)));
    changes.process_at = set(None);
    changes.version = set(invoice.version + 1);
    changes.updated_at = set(Time(work.now));
    changes.updated_by = set(work.context.user_id.clone());
    let finalized = work.rows().update::<invoices::Entity>(&invoice.id, changes).await?;
    work.publish("invoice.update.finalized", "invoice", &invoice.id).await?;
    finalized.ok_or_else(|| unknown(&invoice.id))
}

/// The taxes of an invoice that names a subscription, also of one for a change (spec 05 §5.7); an invoice without lines
/// has none.
async fn due_taxes(
    rows: &Scoped<'_>,
    invoice: &invoices::Model,
    lines: &[invoice_line_items::Model],
) -> Result<Vec<DueTax>> {
    let subscription_id = invoice.subscription_id.as_deref();
    match subscription_id.filter(|_| !lines.is_empty()) {
        Some(id) => taxes::due(rows, Bearer::subscription(id), period_of(invoice)?).await,
        None => Ok(Vec::new()),
    }
}

fn totals(
    invoice: &invoices::Model,
    lines: &[invoice_line_items::Model],
    tax_rates: &[TaxRate],
) -> Result<FinalTotals> {
    let computed: Vec<ComputedLine> = lines
        .iter()
        .map(|line| ComputedLine {
            price_type: line.price_type.map_or(PriceType::Fixed, |kind| kind.0),
            amount: line.amount.0.clone(),
            line_item_discount: line.line_item_discount.0.clone(),
            invoice_level_discount: line.invoice_level_discount.0.clone(),
        })
        .collect();
    let invoice = ComputedInvoice {
        currency: &currency_of(&invoice.currency)?,
        reason: reason_of(invoice),
        lines: &computed,
        wallets: &[],
        tax_rates,
    };
    Ok(invoice.finalize())
}

fn written(totals: FinalTotals) -> invoices::ActiveModel {
    invoices::ActiveModel {
        subtotal: set(Number(totals.subtotal)),
        total_discount: set(Number(totals.total_discount)),
        total_prepaid_credits_applied: set(Number(totals.credits.total)),
        total_tax: set(Number(totals.taxes.total_tax)),
        total: set(Number(totals.total)),
        ..Default::default()
    }
}

/// The next number of the finalization date's counter; a rollback takes it back, so numbers have no gaps.
async fn next_number(work: &Work<'_>, config: &InvoiceConfig) -> Result<String> {
    let numbering = config.numbering();
    let counter_name = format!("invoice_number:{}", numbering.date_string(work.now));
    let sequence = counter::next(&work.rows(), &counter_name, numbering.start_sequence).await?;
    Ok(numbering.number(work.now, sequence))
}

async fn collection_method(work: &Work<'_>, invoice: &invoices::Model) -> Result<CollectionMethod> {
    let Some(id) = invoice
        .subscription_id
        .as_deref()
        .filter(|_| reason_of(invoice) != BillingReason::Manual)
    else {
        return Ok(CollectionMethod::SendInvoice);
    };
    let subscription = work.rows().get::<subscriptions::Entity>(id).await?;
    Ok(subscription.map_or(CollectionMethod::SendInvoice, |subscription| {
        subscription.collection_method.0
    }))
}
