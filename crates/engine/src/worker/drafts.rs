//! Drafts that wait: computing them, then finalizing them when their delay is over (spec 05 §5.9).

use tariff_core::vocabulary::InvoiceStatus;
use tariff_store::entity::invoices as invoice_rows;

use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::invoices::{self, InvoiceConfig};
use crate::settings;

impl Engine {
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
