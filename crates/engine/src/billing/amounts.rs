//! What a planned line costs (spec 05 §5.3).

use std::sync::Arc;

use tariff_core::aggregation::{Basis, Meter, Usage, UsageQuestion};
use tariff_core::calendar::{Period, day_windows};
use tariff_core::entitlement::{AllowanceReset, AllowanceUsage, billable, bucketed_allowance_charge};
use tariff_core::{Decimal, Schedule, Scope};
use tariff_usage::{UsageLog, UsageQuery};

use super::facts::{Allowance, Billable, BillableItem, MeteredBy};
use super::plan::PlannedLine;
use crate::error::Result;
use crate::meters;

/// A line with its cost, not yet rounded.
#[derive(Debug, Clone)]
pub(crate) struct ChargedLine {
    /// Position among the billable items.
    pub item: usize,
    /// The service period.
    pub period: Period,
    /// The window that asked for the line.
    pub window: Period,
    /// Billable units, after the allowance.
    pub quantity: Decimal,
    /// Units the allowance covered; `None` without an allowance.
    pub covered_quantity: Option<Decimal>,
    /// Cost in the currency's units, unrounded.
    pub amount: Decimal,
}

/// Charges the planned lines.
pub(crate) async fn charge(
    log: &dyn UsageLog,
    scope: &Scope,
    subject: &Billable,
    planned: Vec<PlannedLine>,
) -> Result<Vec<ChargedLine>> {
    let mut charged = Vec::with_capacity(planned.len());
    for line in planned {
        let Some(item) = subject.items.get(line.item) else {
            continue;
        };
        charged.push(match &item.meter {
            Some(metered) => usage_line(log, scope, subject, item, metered, &line).await?,
            None => fixed_line(item, &line),
        });
    }
    Ok(charged)
}

fn fixed_line(item: &BillableItem, line: &PlannedLine) -> ChargedLine {
    let quantity = item.item.quantity.0.clone();
    let full = item.pricing.cost(&quantity);
    let amount = line.ratio.as_ref().map_or_else(|| full.clone(), |ratio| &full * ratio);
    ChargedLine {
        item: line.item,
        period: line.period,
        window: line.window,
        quantity,
        covered_quantity: None,
        amount,
    }
}

async fn usage_line(
    log: &dyn UsageLog,
    scope: &Scope,
    subject: &Billable,
    item: &BillableItem,
    metered: &MeteredBy,
    line: &PlannedLine,
) -> Result<ChargedLine> {
    let reader = Reader {
        log,
        scope,
        subject,
        metered,
    };
    let usage = reader.usage(line.period).await?;
    let limit = metered.allowance.as_ref().map(|allowance| allowance.limit.as_ref());
    let (quantity, covered_quantity, amount) = if metered.meter.aggregation().bucket_size().is_some() {
        let buckets: Vec<Decimal> = usage.buckets.iter().map(|bucket| bucket.value.clone()).collect();
        match limit {
            Some(limit) => {
                let (split, amount) = bucketed_allowance_charge(&item.pricing, limit, &buckets);
                (split.billable_quantity, Some(split.covered_quantity), amount)
            }
            None => {
                let cost = item.pricing.bucketed_cost(&buckets);
                (cost.quantity, None, cost.amount)
            }
        }
    } else if let Some(allowance) = &metered.allowance {
        let split = billable(
            allowance.limit.as_ref(),
            &reader.windows(allowance, usage, line.period).await?,
        );
        let amount = item.pricing.cost(&split.billable_quantity);
        (split.billable_quantity, Some(split.covered_quantity), amount)
    } else {
        let amount = item.pricing.cost(&usage.value);
        (usage.value, None, amount)
    };
    Ok(ChargedLine {
        item: line.item,
        period: line.period,
        window: line.window,
        quantity,
        covered_quantity,
        amount,
    })
}

/// Reads the recorded usage of one line.
struct Reader<'a> {
    log: &'a dyn UsageLog,
    scope: &'a Scope,
    subject: &'a Billable,
    metered: &'a MeteredBy,
}

impl Reader<'_> {
    async fn usage(&self, period: Period) -> Result<Usage> {
        let mut question = recorded(Arc::clone(&self.metered.meter), period);
        question.recording = meters::recording(&self.metered.row);
        question.bucket_anchor_day = Some(anchor_day(&self.subject.schedule()));
        let query = UsageQuery::of_customer(question, &self.subject.owner.external_id);
        let answer = self.log.usage(self.scope, &query).await?;
        Ok(answer
            .groups
            .into_iter()
            .next()
            .map(|group| group.usage)
            .unwrap_or_default())
    }

    /// The usage, cut as the allowance resets.
    async fn windows(&self, allowance: &Allowance, total: Usage, period: Period) -> Result<AllowanceUsage> {
        let subscription = &self.subject.subscription;
        let schedule = self.subject.schedule();
        let pieces = match AllowanceReset::of(allowance.reset, subscription.billing_period.0) {
            AllowanceReset::BillingPeriod => return Ok(AllowanceUsage::Total(total.value)),
            AllowanceReset::Never => {
                let start = subscription.start_date.0;
                let before = self.usage(Period::new(start, period.start)).await?.value;
                let through = self.usage(Period::new(start, period.end)).await?.value;
                return Ok(AllowanceUsage::SinceStart { before, through });
            }
            AllowanceReset::Day => day_windows(period, &schedule.zone)?,
            AllowanceReset::Month => {
                let monthly = tariff_core::vocabulary::BillingPeriod::Monthly;
                Schedule {
                    period: monthly,
                    count: 1,
                    end: None,
                    ..schedule
                }
                .split(period)?
            }
        };
        let mut used = Vec::with_capacity(pieces.len());
        for piece in pieces {
            used.push(self.usage(piece).await?.value);
        }
        Ok(AllowanceUsage::Windows(used))
    }
}

fn recorded(meter: Arc<Meter>, period: Period) -> UsageQuestion {
    UsageQuestion::new(meter, Basis::Recorded, period)
}

fn anchor_day(schedule: &Schedule) -> i8 {
    schedule.zone.to_datetime(schedule.anchor).day()
}
