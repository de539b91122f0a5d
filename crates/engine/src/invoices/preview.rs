//! Previewing a subscription's next invoice: nothing is written (spec 05 §5.13).

use std::collections::BTreeMap;

use tariff_contract::error::ApiError;
use tariff_contract::invoices::{GetPreviewInvoiceRequest, InvoiceResponse};
use tariff_core::Period;
use tariff_core::invoice::{InvoiceStage, due_date};
use tariff_core::vocabulary::BillingReason;
use tariff_store::Scoped;
use tariff_store::column::{Json, Number, Time};

use super::compute::{coupons_on, line_row, totals};
use super::draft::{DraftOf, blank};
use super::{InvoiceConfig, response};
use crate::billing::{self, Billable, ChargedLine, InvoiceWindow, ReferencePoint};
use crate::context::Context;
use crate::engine::Engine;
use crate::entitlement_grants::last_instant;
use crate::error::Result;
use crate::taxes::{self, Bearer, DueTax};
use crate::{coupons, customers, settings};

impl Engine {
    /// What the invoice of the subscription's current period, or of the period asked for, would be.
    ///
    /// # Errors
    /// `validation_error` without a subscription id or for a reversed period; `not_found`.
    pub async fn preview_invoice(
        &self,
        context: &Context,
        request: GetPreviewInvoiceRequest,
    ) -> Result<InvoiceResponse> {
        let id = request.subscription_id.filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| ApiError::validation("subscription_id is required"))?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let subscription = crate::subscriptions::get(&rows, &id).await?;
        let start = request
            .period_start
            .map_or(subscription.current_period_start.0, |start| start.0);
        let end = request
            .period_end
            .map_or(subscription.current_period_end.0, |end| end.0);
        if end < start {
            return Err(ApiError::validation("period_end must not be before period_start").into());
        }
        let period = Period::new(start, end);
        billing::check_range(period)?;
        let as_of = last_instant(period, context.now());
        let billable = billing::load(&rows, subscription, period, as_of).await?;
        let planned = billing::plan(
            &billable,
            InvoiceWindow::new(&billable, period)?,
            ReferencePoint::PeriodEnd,
        )?;
        let charged = billing::charge(self.usage_log().as_ref(), &context.scope, &billable, planned).await?;
        let config = settings::of::<InvoiceConfig>(&rows).await?;
        let hide_zero = request.hide_zero_charges_line_items.unwrap_or_default();
        let customer = customers::get(&rows, &billable.subscription.customer_id).await?;
        let due = taxes::due(&rows, Bearer::subscription(&id), period).await?;
        let mut preview = assemble(context, &rows, (&billable, period), &charged, &config, &due).await?;
        preview.customer = Some(customers::response(customer, Vec::new()));
        if hide_zero {
            preview.line_items.retain(|line| !line.amount.is_zero());
        }
        Ok(preview)
    }
}

async fn assemble(
    context: &Context,
    rows: &Scoped<'_>,
    (billable, period): (&Billable, Period),
    charged: &[ChargedLine],
    config: &InvoiceConfig,
    due: &[DueTax],
) -> Result<InvoiceResponse> {
    let subscription = &billable.subscription;
    let reason = BillingReason::SubscriptionCycle;
    let draft = DraftOf {
        subscription,
        reason,
        period,
        process_at: None,
    };
    let mut invoice = blank(context, draft, context.now());
    let applying = coupons_on(rows, billable, &invoice, charged).await?;
    let rates = taxes::rates_of(due);
    let stage = (reason, InvoiceStage::Preview);
    let totals = totals(billable, charged, &invoice.currency, stage, &applying, &rates)?;
    let taxes = taxes::synthesized(context, &invoice, due, &totals.taxes);
    let terms = subscription.payment_terms.map(|terms| terms.0);
    invoice.due_date = Some(Time(due_date(period.end, terms, config.due_date_days)?));
    let lines = (0_i64..)
        .zip(charged.iter().zip(&totals.lines))
        .map(|(position, (line, amounts))| {
            line_row(context, context.now(), billable, &invoice, line, amounts, position)
        })
        .collect::<Result<Vec<_>>>()?;
    let line_ids: Vec<String> = lines.iter().map(|line| line.id.clone()).collect();
    let coupon_applications = coupons::synthesized(context, &invoice, &applying, &totals.discounts, &line_ids)?;
    invoice.subtotal = Number(totals.subtotal);
    invoice.total_discount = Number(totals.discounts.total_discount);
    invoice.total_tax = Number(totals.taxes.total_tax);
    invoice.total = Number(totals.total.clone());
    invoice.amount_due = Number(totals.total.clone());
    invoice.amount_remaining = Number(totals.total);
    invoice.metadata = Some(Json(BTreeMap::from([("is_preview".to_owned(), "true".to_owned())])));
    Ok(InvoiceResponse {
        coupon_applications,
        taxes,
        ..response(invoice, lines, None)
    })
}
