//! Drafts that wait: computing them, then finalizing them when their delay is over (spec 05 §5.9).

use tariff_core::SignedDuration;
use tariff_core::vocabulary::InvoiceStatus;
use tariff_store::column::Time;
use tariff_store::entity::invoices as invoice_rows;
use tariff_store::set;

use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::invoices::{self, InvoiceConfig};
use crate::settings;

/// Pause before a draft whose step failed is tried again, so that it holds up no others.
const RETRY_PAUSE: SignedDuration = SignedDuration::from_mins(5);

impl Engine {
    /// Puts a draft whose step failed at the end of the line.
    pub(crate) async fn postpone_draft(&self, context: &Context, invoice_id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let again_at = work.now.checked_add(RETRY_PAUSE).unwrap_or(work.now);
        let changes = invoice_rows::ActiveModel {
            process_at: set(Some(Time(again_at))),
            ..Default::default()
        };
        let locked = work.rows().lock::<invoice_rows::Entity>(invoice_id).await?;
        if locked.is_some_and(|invoice| is_due(&invoice, context)) {
            work.rows().update::<invoice_rows::Entity>(invoice_id, changes).await?;
            work.commit().await?;
        }
        Ok(())
    }

    /// Takes the next step with a waiting draft, if it is due: computation, or finalization once computed.
    pub(crate) async fn process_draft(&self, context: &Context, invoice_id: &str) -> Result<()> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let invoice = invoices::get(&rows, invoice_id).await?;
        if !is_due(&invoice, context) {
            return Ok(());
        }
        if invoice.last_computed_at.is_none() {
            let computed = invoices::recompute(self, context, invoice_id).await?;
            // Without a delay the draft is due again at once.
            if !is_due(&computed, context) {
                return Ok(());
            }
        }
        let config = settings::of::<InvoiceConfig>(&rows).await?;
        let work = self.begin(context).await?;
        let locked = work.rows().lock::<invoice_rows::Entity>(invoice_id).await?;
        let locked = locked.ok_or_else(|| invoices::unknown(invoice_id))?;
        if is_due(&locked, context) {
            invoices::finalize(&work, locked, &config).await?;
            work.commit().await?;
        }
        Ok(())
    }
}

fn is_due(invoice: &invoice_rows::Model, context: &Context) -> bool {
    let waits = invoice
        .process_at
        .is_some_and(|process_at| process_at.0 <= context.now());
    waits && invoice.invoice_status.0 == InvoiceStatus::Draft
}
