//! Computing a draft: its lines, discounts and totals (spec 05 §5.8, §5.9). Repeating it changes nothing.

use tariff_contract::error::ApiError;
use tariff_core::invoice::{
    InvoiceCalculation, InvoiceStage, InvoiceTotals, LineAmount, LineTotals, computed_status, due_date,
};
use tariff_core::pricing::line_price_unit_amount;
use tariff_core::tax::TaxRate;
use tariff_core::vocabulary::{BillingReason, InvoiceStatus, InvoiceType};
use tariff_core::{Currency, IdPrefix, Period, Status, Timestamp};
use tariff_store::column::{Json, Number, Time, Word};
use tariff_store::entity::{invoice_line_items, invoices, subscriptions};
use tariff_store::{Listing, Scoped, Test, set};

use super::{InvoiceConfig, get, lines_of, unknown};
use crate::billing::{self, Billable, BillableItem, ChargedLine, InvoiceWindow, PlannedLine, ReferencePoint};
use crate::context::Context;
use crate::coupons::{self, InvoiceCoupons};
use crate::engine::{Engine, Work};
use crate::entitlement_grants::{self, last_instant};
use crate::error::{Error, Result};
use crate::ids::mint;
use crate::settings;

/// Computes a stored draft. Usage is read before the invoice is locked, so that a long read holds up nobody.
pub(crate) async fn recompute(engine: &Engine, context: &Context, invoice_id: &str) -> Result<invoices::Model> {
    let session = engine.read();
    let rows = session.scoped(&context.scope);
    let invoice = get(&rows, invoice_id).await?;
    let mut billable = billable_of(&rows, &invoice, context.now()).await?;
    if !billable.grants.is_empty() {
        // The windows of the period are complete before they are billed, whenever the worker last looked.
        let billed = Some(period_of(&invoice)?);
        entitlement_grants::evaluate(engine, context, &billable.subscription.id, billed).await?;
        billable = billable_of(&rows, &invoice, context.now()).await?;
    }
    let planned = planned_lines(&billable, &invoice)?;
    let charged = billing::charge(engine.usage_log().as_ref(), &context.scope, &billable, planned).await?;
    let config = settings::of::<InvoiceConfig>(&rows).await?;
    let work = engine.begin(context).await?;
    // First the subscription: what its other invoices have billed and discounted must not change meanwhile.
    let subscription_id = &billable.subscription.id;
    work.rows().lock::<subscriptions::Entity>(subscription_id).await?;
    let locked = work
        .rows()
        .lock::<invoices::Entity>(invoice_id)
        .await?
        .ok_or_else(|| unknown(invoice_id))?;
    if !is_open(&locked) {
        // Finalized meanwhile: what was computed then stands.
        return Ok(locked);
    }
    let computed = compute(&work, &billable, locked, charged, &config).await?;
    work.commit().await?;
    Ok(computed)
}

async fn billable_of(rows: &Scoped<'_>, invoice: &invoices::Model, now: Timestamp) -> Result<Billable> {
    let id = invoice.subscription_id.as_deref().ok_or_else(|| {
        Error(
            ApiError::validation("Only invoices of subscriptions are computed")
                .detail("invoice_id", invoice.id.as_str()),
        )
    })?;
    let subscription = crate::subscriptions::get(rows, id).await?;
    let period = period_of(invoice)?;
    // What was included in the period counts, also when it is billed after its end.
    billing::load(rows, subscription, period, last_instant(period, now)).await
}

/// The lines that the invoice's period and reason ask for.
fn planned_lines(billable: &Billable, invoice: &invoices::Model) -> Result<Vec<PlannedLine>> {
    let window = InvoiceWindow::new(billable, period_of(invoice)?)?;
    billing::plan(billable, window, ReferencePoint::of(reason_of(invoice)))
}

/// Writes lines and totals into a locked draft.
pub(crate) async fn compute(
    work: &Work<'_>,
    billable: &Billable,
    invoice: invoices::Model,
    charged: Vec<ChargedLine>,
    config: &InvoiceConfig,
) -> Result<invoices::Model> {
    if invoice.is_manually_edited {
        return Err(ApiError::validation("The invoice was edited by hand and is not computed any more").into());
    }
    let charged = without_invoiced(work, billable, &invoice, charged).await?;
    let coupons = coupons_on(&work.rows(), billable, &invoice, &charged).await?;
    let totals = totals(
        billable,
        &charged,
        &invoice.currency,
        (reason_of(&invoice), InvoiceStage::DraftComputed),
        &coupons,
        &[],
    )?;
    reconcile(work, billable, &invoice, &charged, &totals.lines).await?;
    let lines = lines_of(&work.rows(), [invoice.id.clone()]).await?;
    let line_ids: Vec<String> = lines.into_iter().map(|line| line.id).collect();
    coupons::record(work, &invoice, &coupons, &totals.discounts, &line_ids).await?;
    let status = computed_status(InvoiceType::Subscription, reason_of(&invoice), &totals.subtotal);
    let period = period_of(&invoice)?;
    let terms = billable.subscription.payment_terms.map(|terms| terms.0);
    let process_at = invoice.process_at.filter(|_| status == InvoiceStatus::Draft);
    let process_at = process_at.map(|_| config.finalization_due(work.now)).transpose()?;
    let changes = invoices::ActiveModel {
        invoice_status: set(Word(status)),
        subtotal: set(Number(totals.subtotal)),
        total_discount: set(Number(totals.discounts.total_discount)),
        total: set(Number(totals.total.clone())),
        amount_due: set(Number(totals.total.clone())),
        amount_remaining: set(Number(totals.total)),
        description: set(description(billable, reason_of(&invoice))),
        due_date: set(Some(Time(due_date(period.end, terms, config.due_date_days)?))),
        last_computed_at: set(Some(Time(work.now))),
        process_at: set(process_at.map(Time)),
        version: set(invoice.version + 1),
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    };
    if status != InvoiceStatus::Skipped {
        work.publish("invoice.update", "invoice", &invoice.id).await?;
    }
    work.rows()
        .update::<invoices::Entity>(&invoice.id, changes)
        .await?
        .ok_or_else(|| unknown(&invoice.id))
}

/// The totals of charged lines at a stage.
pub(super) fn totals(
    billable: &Billable,
    charged: &[ChargedLine],
    currency: &str,
    (reason, stage): (BillingReason, InvoiceStage),
    coupons: &InvoiceCoupons,
    tax_rates: &[TaxRate],
) -> Result<InvoiceTotals> {
    let lines: Vec<LineAmount> = charged
        .iter()
        .filter_map(|line| {
            let price_type = billable.items.get(line.item)?.item.price_type.0;
            Some(LineAmount {
                price_type,
                amount: line.amount.clone(),
            })
        })
        .collect();
    let calculation = InvoiceCalculation {
        currency: &currency_of(currency)?,
        stage,
        reason,
        lines: &lines,
        line_coupons: &coupons.line_coupons(),
        invoice_coupons: &coupons.invoice_coupons(),
        wallets: &[],
        tax_rates,
    };
    Ok(calculation.totals())
}

/// The coupons that apply to an invoice of these lines.
pub(super) async fn coupons_on(
    rows: &Scoped<'_>,
    billable: &Billable,
    invoice: &invoices::Model,
    charged: &[ChargedLine],
) -> Result<InvoiceCoupons> {
    let billed = charged.iter().filter_map(|line| billable.items.get(line.item));
    let lines: Vec<&str> = billed.map(|billed| billed.item.id.as_str()).collect();
    let terms = (period_of(invoice)?, &currency_of(&invoice.currency)?);
    coupons::for_invoice(rows, &billable.subscription.id, &invoice.id, terms, &lines).await
}

/// Drops lines that another living invoice of the subscription has billed in the same window (spec 05 §5.2).
async fn without_invoiced(
    work: &Work<'_>,
    billable: &Billable,
    invoice: &invoices::Model,
    charged: Vec<ChargedLine>,
) -> Result<Vec<ChargedLine>> {
    let windows = || charged.iter().map(|line| line.window);
    let (Some(from), Some(to)) = (
        windows().map(|window| window.start).min(),
        windows().map(|window| window.end).max(),
    ) else {
        return Ok(charged);
    };
    let listing = Listing::all()
        .equal("subscription_id", billable.subscription.id.as_str())
        .equal("status", Status::Published.as_str())
        .with("period_start", Test::GreaterOrEqual(from.into()))
        .with("period_end", Test::LessOrEqual(to.into()))
        .within(
            "invoice_status",
            [InvoiceStatus::Draft.as_str(), InvoiceStatus::Finalized.as_str()],
        )
        .with("id", Test::NotEqual(invoice.id.as_str().into()));
    let others = work.rows().list::<invoices::Entity>(&listing).await?;
    let billed = lines_of(&work.rows(), others.iter().map(|other| other.id.clone())).await?;
    let is_billed = |line: &ChargedLine| {
        let Some(item) = billable.items.get(line.item) else {
            return false;
        };
        billed.iter().any(|old| {
            let inside = others
                .iter()
                .any(|other| other.id == old.invoice_id && lies_inside(other, line.window));
            let same_price = old.price_id.as_deref() == Some(item.price.id.as_str());
            inside && same_price && overlaps(old, line.period) && same_attachment(billable, old, item)
        })
    };
    Ok(charged.into_iter().filter(|line| !is_billed(line)).collect())
}

/// Each time an addon is attached it is charged by itself, although the price is the same.
fn same_attachment(billable: &Billable, old: &invoice_line_items::Model, item: &BillableItem) -> bool {
    let id = old.subscription_line_item_id.as_deref();
    let billed = billable.items.iter().find(|item| Some(item.item.id.as_str()) == id);
    billed.is_none_or(|billed| billed.item.addon_association_id == item.item.addon_association_id)
}

fn lies_inside(invoice: &invoices::Model, window: Period) -> bool {
    let bounds = invoice.period_start.zip(invoice.period_end);
    bounds.is_some_and(|(start, end)| window.start <= start.0 && end.0 <= window.end)
}

fn overlaps(line: &invoice_line_items::Model, period: Period) -> bool {
    let Some((start, end)) = line.period_start.zip(line.period_end) else {
        return false;
    };
    let billed = Period::new(start.0, end.0);
    // A one-time charge has an empty period; only the very same one counts as billed.
    billed == period || billed.intersection(&period).is_some()
}

/// Brings the stored lines in step: the same line is updated in place, a new one inserted, a vanished one deleted.
async fn reconcile(
    work: &Work<'_>,
    billable: &Billable,
    invoice: &invoices::Model,
    charged: &[ChargedLine],
    totals: &[LineTotals],
) -> Result<()> {
    let rows = work.rows();
    let mut old = lines_of(&rows, [invoice.id.clone()]).await?;
    for (position, (line, amounts)) in (0_i64..).zip(charged.iter().zip(totals)) {
        let new = line_row(work.context, work.now, billable, invoice, line, amounts, position)?;
        let same = |old: &invoice_line_items::Model| {
            old.subscription_line_item_id == new.subscription_line_item_id && old.period_start == new.period_start
        };
        match old.iter().position(same) {
            Some(index) => {
                let kept = old.swap_remove(index);
                let changes = invoice_line_items::ActiveModel {
                    amount: set(new.amount),
                    quantity: set(new.quantity),
                    adjusted_entitlement_quantity: set(new.adjusted_entitlement_quantity),
                    price_unit_amount: set(new.price_unit_amount),
                    line_item_discount: set(new.line_item_discount),
                    invoice_level_discount: set(new.invoice_level_discount),
                    prepaid_credits_applied: set(new.prepaid_credits_applied),
                    commitment_info: set(new.commitment_info),
                    period_end: set(new.period_end),
                    position: set(position),
                    updated_at: set(Time(work.now)),
                    updated_by: set(work.context.user_id.clone()),
                    ..Default::default()
                };
                rows.update::<invoice_line_items::Entity>(&kept.id, changes).await?;
            }
            None => {
                rows.insert::<invoice_line_items::Entity>(new).await?;
            }
        }
    }
    for vanished in old {
        let changes = invoice_line_items::ActiveModel {
            status: set(Word(Status::Deleted)),
            ..Default::default()
        };
        rows.update::<invoice_line_items::Entity>(&vanished.id, changes).await?;
    }
    Ok(())
}

/// A line as it is stored.
pub(super) fn line_row(
    context: &Context,
    now: Timestamp,
    billable: &Billable,
    invoice: &invoices::Model,
    line: &ChargedLine,
    amounts: &LineTotals,
    position: i64,
) -> Result<invoice_line_items::Model> {
    let billed = billable
        .items
        .get(line.item)
        .ok_or_else(|| ApiError::internal("a charged line without item"))?;
    let (item, price) = (&billed.item, &billed.price);
    let price_unit_amount = match price.conversion_rate.as_ref().filter(|_| price.price_unit_id.is_some()) {
        Some(rate) => {
            let currency = currency_of(&invoice.currency)?;
            Some(Number(line_price_unit_amount(
                item.price_type.0,
                &line.amount,
                &rate.0,
                &currency,
            )?))
        }
        None => None,
    };
    let user_id = &context.user_id;
    Ok(invoice_line_items::Model {
        id: mint(IdPrefix::InvoiceLineItem),
        tenant_id: context.scope.tenant_id.clone(),
        environment_id: context.scope.environment_id.clone(),
        invoice_id: invoice.id.clone(),
        customer_id: invoice.customer_id.clone(),
        subscription_id: Some(item.subscription_id.clone()),
        subscription_line_item_id: Some(item.id.clone()),
        entity_type: item.entity_type.0.as_str().to_owned(),
        entity_id: item.entity_id.clone(),
        plan_display_name: item.plan_display_name.clone(),
        price_id: Some(price.id.clone()),
        price_type: Some(item.price_type),
        meter_id: item.meter_id.clone(),
        meter_display_name: item.meter_display_name.clone(),
        price_unit_id: item.price_unit_id.clone(),
        price_unit: item.price_unit.clone(),
        price_unit_amount,
        display_name: item.display_name.clone(),
        amount: Number(amounts.amount.clone()),
        quantity: Number(line.quantity.clone()),
        adjusted_entitlement_quantity: line.covered_quantity.clone().map(Number),
        currency: invoice.currency.clone(),
        line_item_discount: Number(amounts.line_item_discount.clone()),
        invoice_level_discount: Number(amounts.invoice_level_discount.clone()),
        prepaid_credits_applied: Number(amounts.prepaid_credits_applied.clone()),
        commitment_info: commitment_info(billed, line)?,
        period_start: Some(Time(line.period.start)),
        period_end: Some(Time(line.period.end)),
        parent_line_item_id: None,
        position,
        metadata: None,
        status: Word(Status::Published),
        created_at: Time(now),
        updated_at: Time(now),
        created_by: user_id.clone(),
        updated_by: user_id.clone(),
    })
}

/// What the line's commitment made of its charge, as it is stored.
fn commitment_info(billed: &BillableItem, line: &ChargedLine) -> Result<Option<Json<serde_json::Value>>> {
    let Some(charge) = &line.commitment else {
        return Ok(None);
    };
    let info = billing::commitments::info(&billed.item, &billed.terms, charge);
    let stored = serde_json::to_value(info).map_err(|error| Error(ApiError::internal(error)))?;
    Ok(Some(Json(stored)))
}

pub(super) fn description(billable: &Billable, reason: BillingReason) -> String {
    let plan = billable
        .items
        .first()
        .map_or("", |line| line.item.plan_display_name.as_str());
    let what = match reason {
        BillingReason::SubscriptionCreate => "Subscription start",
        BillingReason::SubscriptionCycle => "Billing cycle",
        BillingReason::SubscriptionUpdate => "Subscription change",
        BillingReason::SubscriptionTrialStart => "Trial start",
        BillingReason::SubscriptionTrialEnd => "Trial end",
        BillingReason::Proration => "Proration",
        BillingReason::Manual => "Invoice",
        BillingReason::AutoInvoiceThreshold => "Usage threshold",
        BillingReason::WalletAutoTopup => "Wallet top-up",
    };
    if plan.is_empty() {
        what.to_owned()
    } else {
        format!("{what}: {plan}")
    }
}

/// Whether computation may still touch the invoice.
fn is_open(invoice: &invoices::Model) -> bool {
    matches!(invoice.invoice_status.0, InvoiceStatus::Draft | InvoiceStatus::Skipped)
}

/// The reason of an invoice; free text of one-off invoices counts as manual.
pub(super) fn reason_of(invoice: &invoices::Model) -> BillingReason {
    invoice.billing_reason.parse().unwrap_or(BillingReason::Manual)
}

/// The period of a subscription's invoice.
pub(super) fn period_of(invoice: &invoices::Model) -> Result<Period> {
    let bounds = invoice.period_start.zip(invoice.period_end);
    let (start, end) = bounds.ok_or_else(|| ApiError::validation("The invoice has no period"))?;
    Ok(Period::new(start.0, end.0))
}

pub(crate) fn currency_of(code: &str) -> Result<Currency> {
    Ok(Currency::parse(code).map_err(|error| ApiError::validation(error.to_string()))?)
}
