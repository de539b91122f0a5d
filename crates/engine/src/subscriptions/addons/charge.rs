//! What attaching an addon inside a period costs at once (spec 04 §4.9, §4.11).

use tariff_core::proration::{LineChange, ProrationAction, prorate_line, second_based};
use tariff_core::vocabulary::{InvoiceCadence, PriceType};
use tariff_core::{Currency, Decimal, Period};
use tariff_store::entity::{subscription_line_items, subscriptions};

use crate::billing::{self, BillableItem, ChargedLine};
use crate::engine::Work;
use crate::error::Result;
use crate::invoices;

/// Charges new lines for the rest of the current period, together on one invoice. Only what is paid in advance and has
/// begun or begins in the period is charged: arrears are left to the coming invoice, later periods to theirs (Q16).
pub(super) async fn charge_rest_of_period(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    lines: &[subscription_line_items::Model],
) -> Result<()> {
    let current = Period::new(subscription.current_period_start.0, subscription.current_period_end.0);
    let billable = billing::load(&work.rows(), subscription.clone(), current, work.now).await?;
    let currency = invoices::currency_of(&subscription.currency)?;
    let mut charged = Vec::new();
    for (index, item) in billable.items.iter().enumerate() {
        let is_new = lines.iter().any(|line| line.id == item.item.id);
        let in_advance = item.item.price_type.0 == PriceType::Fixed
            && item.item.invoice_cadence.0 == InvoiceCadence::Advance
            && item.item.start_date.0 < current.end;
        if is_new && in_advance {
            for (period, amount) in amounts(&billable, item, current, &currency)? {
                charged.push(ChargedLine {
                    item: index,
                    period,
                    window: current,
                    quantity: item.item.quantity.0.clone(),
                    covered_quantity: None,
                    amount,
                    commitment: None,
                });
            }
        }
    }
    charged.retain(|line| line.amount.is_positive());
    if let Some(start) = charged.iter().map(|line| line.period.start).min() {
        let rest = Period::new(start, current.end);
        invoices::invoice_change(work, &billable, &charged, rest).await?;
    }
    Ok(())
}

/// The share of a line of the subscription's cadence. A line of a shorter one is charged for each of its own periods
/// that begins before the current one ends (spec 03 Q29), and what is charged once is never prorated (spec 05 §5.2).
fn amounts(
    billable: &billing::Billable,
    item: &BillableItem,
    current: Period,
    currency: &Currency,
) -> Result<Vec<(Period, Decimal)>> {
    let cost = item.pricing.cost(&item.item.quantity.0);
    let rest = Period::new(item.item.start_date.0, current.end);
    if let Some(periods) = billing::own_periods(billable, item, InvoiceCadence::Advance, rest)? {
        return Ok(periods.into_iter().map(|period| (period, cost.clone())).collect());
    }
    let change = LineChange {
        action: ProrationAction::AddItem,
        invoice_cadence: item.item.invoice_cadence.0,
        old_cost: Decimal::zero(),
        new_cost: cost,
        billed: None,
    };
    let coefficient = second_based(current, rest.start)?;
    let charge = prorate_line(&change, &coefficient, currency).charge;
    let end = item.item.end_date.map_or(current.end, |end| end.0.min(current.end));
    Ok(vec![(Period::new(rest.start, end), charge)])
}
