//! Which lines a window bills, and for which service period (spec 05 §5.2).

use tariff_core::calendar::{self, Period, collapsed_one_time_period, is_one_time_billed, line_periods_for_invoice};
use tariff_core::proration::{first_period_proration, line_window};
use tariff_core::vocabulary::{BillingPeriod, BillingReason, InvoiceCadence, PriceType};
use tariff_core::{Decimal, Schedule};

use super::facts::{Billable, BillableItem};
use crate::error::Result;

/// From where an invoice looks at its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReferencePoint {
    /// Bills the period in advance.
    PeriodStart,
    /// Bills the period's arrears and the next period in advance.
    PeriodEnd,
}

impl ReferencePoint {
    /// The reference point of an invoice by its reason.
    pub(crate) fn of(reason: BillingReason) -> Self {
        match reason {
            BillingReason::SubscriptionCreate
            | BillingReason::SubscriptionUpdate
            | BillingReason::SubscriptionTrialStart
            | BillingReason::SubscriptionTrialEnd => Self::PeriodStart,
            BillingReason::SubscriptionCycle
            | BillingReason::Proration
            | BillingReason::Manual
            | BillingReason::AutoInvoiceThreshold
            | BillingReason::WalletAutoTopup => Self::PeriodEnd,
        }
    }
}

/// An invoice's period, and the one that follows unless the subscription has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvoiceWindow {
    pub current: Period,
    pub next: Option<Period>,
}

impl InvoiceWindow {
    /// The window of an invoice for `current`. Nothing follows a period at whose end the subscription is cancelled.
    pub(crate) fn new(billable: &Billable, current: Period) -> Result<Self> {
        let cancelled = billable
            .subscription
            .cancel_at
            .is_some_and(|cancel_at| cancel_at.0 <= current.end);
        let next = if cancelled {
            None
        } else {
            billable.schedule().period_from(current.end)?
        };
        Ok(Self { current, next })
    }
}

/// A line to be charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedLine {
    /// Position among the billable items.
    pub item: usize,
    /// The service period.
    pub period: Period,
    /// Share of the full price; `None` is all of it.
    pub ratio: Option<Decimal>,
    /// The window that asked for the line; lines already invoiced in it are dropped.
    pub window: Period,
}

/// The lines of an invoice: arrear fixed, advance fixed of the next period, usage; each group in the order of the
/// subscription's lines.
pub(crate) fn plan(billable: &Billable, window: InvoiceWindow, reference: ReferencePoint) -> Result<Vec<PlannedLine>> {
    let mut lines = Vec::new();
    match reference {
        ReferencePoint::PeriodStart => {
            fixed(billable, InvoiceCadence::Advance, window.current, &mut lines)?;
            prorate_first_period(billable, window.current, &mut lines)?;
        }
        ReferencePoint::PeriodEnd => {
            fixed(billable, InvoiceCadence::Arrear, window.current, &mut lines)?;
            if let Some(next) = window.next {
                fixed(billable, InvoiceCadence::Advance, next, &mut lines)?;
            }
            usage(billable, window.current, &mut lines);
        }
    }
    Ok(lines)
}

fn fixed(billable: &Billable, cadence: InvoiceCadence, window: Period, lines: &mut Vec<PlannedLine>) -> Result<()> {
    let of_cadence =
        |line: &BillableItem| line.item.price_type.0 == PriceType::Fixed && line.item.invoice_cadence.0 == cadence;
    for (index, line) in billable.items.iter().enumerate().filter(|(_, line)| of_cadence(line)) {
        for (period, ratio) in fixed_periods(billable, line, cadence, window)? {
            lines.push(PlannedLine {
                item: index,
                period,
                ratio,
                window,
            });
        }
    }
    Ok(())
}

/// The service periods of a fixed line that a window bills.
fn fixed_periods(
    billable: &Billable,
    line: &BillableItem,
    cadence: InvoiceCadence,
    window: Period,
) -> Result<Vec<(Period, Option<Decimal>)>> {
    if let Some(periods) = own_periods(billable, line, cadence, window)? {
        return Ok(periods.into_iter().map(|period| (period, None)).collect());
    }
    let (start, end) = (line.item.start_date.0, line.item.end_date.map(|end| end.0));
    let active = line_window(window, start, end);
    Ok(active
        .map(|active| (active.period, partial(active.ratio)))
        .into_iter()
        .collect())
}

/// The service periods of a line that has periods of its own: it is charged once, or with another cadence than the
/// subscription. `None` for all other lines, whose periods are the subscription's.
pub(crate) fn own_periods(
    billable: &Billable,
    line: &BillableItem,
    cadence: InvoiceCadence,
    window: Period,
) -> Result<Option<Vec<Period>>> {
    let (start, end) = (line.item.start_date.0, line.item.end_date.map(|end| end.0));
    if line.item.billing_period.0 == BillingPeriod::Onetime {
        let billed = is_one_time_billed(start, cadence, window);
        let period = billed.then(|| collapsed_one_time_period(start, end));
        return Ok(Some(period.into_iter().collect()));
    }
    if has_subscription_cadence(billable, line) {
        return Ok(None);
    }
    let own = Schedule {
        anchor: start,
        period: line.item.billing_period.0,
        count: line.item.billing_period_count,
        zone: calendar::zone(&billable.subscription.timezone),
        end,
    };
    Ok(Some(line_periods_for_invoice(&own, start, cadence, window)?))
}

fn has_subscription_cadence(billable: &Billable, line: &BillableItem) -> bool {
    let subscription = &billable.subscription;
    line.item.billing_period == subscription.billing_period
        && line.item.billing_period_count == subscription.billing_period_count
}

fn partial(ratio: Decimal) -> Option<Decimal> {
    (ratio != Decimal::one()).then_some(ratio)
}

/// Usage is billed in arrears in every period, over the part of it in which the line is active.
fn usage(billable: &Billable, window: Period, lines: &mut Vec<PlannedLine>) {
    for (index, line) in billable.items.iter().enumerate() {
        let billed =
            line.item.price_type.0 == PriceType::Usage && line.item.invoice_cadence.0 == InvoiceCadence::Arrear;
        let active = line_window(window, line.item.start_date.0, line.item.end_date.map(|end| end.0));
        if let Some(active) = active.filter(|_| billed) {
            lines.push(PlannedLine {
                item: index,
                period: active.period,
                ratio: None,
                window,
            });
        }
    }
}

/// A short first calendar period costs its share, on lines that cover the whole window (spec 04 §4.9).
fn prorate_first_period(billable: &Billable, window: Period, lines: &mut [PlannedLine]) -> Result<()> {
    let subscription = &billable.subscription;
    if window.start != subscription.start_date.0 {
        return Ok(());
    }
    let mixed = billable
        .items
        .iter()
        .any(|line| line.item.billing_period != subscription.billing_period);
    let first = first_period_proration(
        &billable.schedule(),
        window.start,
        subscription.billing_cycle.0,
        subscription.proration_behavior.0,
        mixed,
    )?;
    if let Some(first) = first {
        for line in lines
            .iter_mut()
            .filter(|line| line.period == window && line.ratio.is_none())
        {
            line.ratio = partial(first.coefficient.clone());
        }
    }
    Ok(())
}
