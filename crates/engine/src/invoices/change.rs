//! The invoice of a change inside a period: its charges, finalized at once (spec 04 §4.9, §4.11).

use sha2::{Digest, Sha256};
use tariff_core::invoice::InvoiceStage;
use tariff_core::vocabulary::{BillingReason, InvoiceType};
use tariff_core::{Period, Timestamp};
use tariff_store::column::{Time, Word};
use tariff_store::entity::{invoice_line_items, invoices};

use super::InvoiceConfig;
use super::compute::{description, line_row, totals};
use super::draft::{DraftOf, blank, insert};
use super::finalize::finalize;
use crate::billing::{Billable, ChargedLine};
use crate::coupons::InvoiceCoupons;
use crate::engine::Work;
use crate::error::Result;
use crate::settings;

/// Issues a one-off invoice over the charges of a change that takes effect inside a period of the subscription. It has
/// the subscription's taxes and no coupons (spec 05 §5.7); the same change is never invoiced twice.
pub(crate) async fn invoice_change(
    work: &Work<'_>,
    billable: &Billable,
    charged: &[ChargedLine],
    period: Period,
) -> Result<invoices::Model> {
    let reason = BillingReason::SubscriptionUpdate;
    let draft = DraftOf {
        subscription: &billable.subscription,
        reason,
        period,
        process_at: None,
    };
    let mut invoice = blank(work.context, draft, work.now);
    invoice.invoice_type = Word(InvoiceType::OneOff);
    invoice.idempotency_key = Some(idempotency_key(billable, charged, period.start));
    invoice.last_computed_at = Some(Time(work.now));
    invoice.description = description(billable, reason);
    let invoice = insert(work, invoice, &billable.subscription).await?;
    let stage = (reason, InvoiceStage::DraftComputed);
    let totals = totals(
        billable,
        charged,
        &invoice.currency,
        stage,
        &InvoiceCoupons::default(),
        &[],
    )?;
    for (position, (line, amounts)) in (0_i64..).zip(charged.iter().zip(&totals.lines)) {
        let row = line_row(work.context, work.now, billable, &invoice, line, amounts, position)?;
        work.rows().insert::<invoice_line_items::Entity>(row).await?;
    }
    let config = settings::of::<InvoiceConfig>(&work.rows()).await?;
    finalize(work, invoice, &config).await
}

/// Names the subscription, the changed lines and the instant.
fn idempotency_key(billable: &Billable, charged: &[ChargedLine], effective: Timestamp) -> String {
    let mut hash = Sha256::new();
    hash.update(billable.subscription.id.as_bytes());
    for item in charged.iter().filter_map(|line| billable.items.get(line.item)) {
        hash.update(b":");
        hash.update(item.item.id.as_bytes());
    }
    hash.update(format!(":{effective}").as_bytes());
    let digest = hash.finalize();
    format!(
        "subscription_change-{}",
        hex::encode(digest.get(..8).unwrap_or(&digest))
    )
}
