//! What a planned line costs (spec 05 §5.3).

use std::collections::BTreeMap;
use std::sync::Arc;

use tariff_contract::error::ApiError;
use tariff_core::aggregation::{Basis, Usage, UsageQuestion, WindowGrid};
use tariff_core::calendar::{Period, day_windows, local_midnight_of};
use tariff_core::commitment::CommitmentCharge;
use tariff_core::entitlement::{AllowanceReset, AllowanceUsage};
use tariff_core::vocabulary::{AggregationType, BillingPeriod, WindowSize};
use tariff_core::{Currency, Decimal, Schedule, Scope, Timestamp};
use tariff_usage::{UsageLog, UsageQuery};

use super::commitments;
use super::facts::{Allowance, Billable, BillableItem, MeteredBy};
use super::grants;
use super::plan::PlannedLine;
use super::turns::{Consumed, in_turn};
use crate::error::{Error, Result};
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
    /// The parts of the cost under a commitment, unrounded; `None` without one.
    pub commitment: Option<CommitmentCharge>,
}

/// Charges the planned lines. Those that share an allowance do so in time order; the answer has the order of the plan.
pub(crate) async fn charge(
    log: &dyn UsageLog,
    scope: &Scope,
    subject: &Billable,
    planned: Vec<PlannedLine>,
) -> Result<Vec<ChargedLine>> {
    let windows = grants::windows(log, scope, subject, &planned).await?;
    let mut timelines: BTreeMap<&str, grants::Timeline<'_>> = BTreeMap::new();
    let mut charged = BTreeMap::new();
    let mut successions: BTreeMap<(&str, usize), Consumed> = BTreeMap::new();
    for turn in in_turn(subject, &planned) {
        let line = turn.line;
        let cost = match &turn.item.meter {
            Some(metered) => {
                let reader = Reader {
                    log,
                    scope,
                    subject,
                    metered,
                };
                let meter_id = metered.row.id.as_str();
                let timeline = timelines
                    .entry(meter_id)
                    .or_insert_with(|| grants::Timeline::new(reader));
                let granted = windows.get(meter_id).map_or(&[][..], Vec::as_slice);
                let consumed = successions.entry(turn.succession).or_default();
                usage_line(&reader, turn.item, line, (granted, timeline), consumed).await?
            }
            None => fixed_line(turn.item, line),
        };
        charged.insert(turn.position, cost);
    }
    Ok(charged.into_values().collect())
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
        commitment: None,
    }
}

async fn usage_line(
    reader: &Reader<'_>,
    item: &BillableItem,
    line: &PlannedLine,
    (granted, timeline): (&[grants::GrantWindow], &mut grants::Timeline<'_>),
    consumed: &mut Consumed,
) -> Result<ChargedLine> {
    let (subject, metered) = (reader.subject, reader.metered);
    let charged = |quantity, covered_quantity, amount, commitment| ChargedLine {
        item: line.item,
        period: line.period,
        window: line.window,
        quantity,
        covered_quantity,
        amount,
        commitment,
    };
    let limit = metered.allowance.as_ref().map(|allowance| allowance.limit.as_ref());
    let (quantity, covered_quantity, amount) = if metered.meter.aggregation().bucket_size().is_some() {
        let question = reader.question(line.period);
        let usage = reader.ask(question.clone()).await?;
        let buckets: Vec<Decimal> = usage.buckets.iter().map(|bucket| bucket.value.clone()).collect();
        let (quantity, covered_quantity, amount) = match limit {
            Some(limit) => {
                let (split, amount) = consumed.allowance.charge_buckets(&item.pricing, limit, &buckets);
                (split.billable_quantity, Some(split.covered_quantity), amount)
            }
            None => {
                let cost = item.pricing.bucketed_cost(&buckets);
                (cost.quantity, None, cost.amount)
            }
        };
        if let Some(windows) = commitments::on_windows(&item.terms, &question, &usage, subject.now)? {
            return Ok(charged(quantity, covered_quantity, windows.charge(), Some(windows)));
        }
        (quantity, covered_quantity, amount)
    } else if let Some(overage) = grants::overage(timeline, item, line, granted, consumed).await? {
        (overage.quantity, Some(overage.covered_quantity), overage.amount)
    } else if let Some(allowance) = &metered.allowance {
        let usage = reader.under(allowance, line.period).await?;
        let split = consumed.allowance.charge(allowance.limit.as_ref(), &usage);
        let amount = item.pricing.cost(&split.billable_quantity);
        (split.billable_quantity, Some(split.covered_quantity), amount)
    } else {
        let quantity = reader.usage(line.period).await?.value;
        let amount = item.pricing.cost(&quantity);
        (quantity, None, amount)
    };
    let currency = Currency::parse(&item.item.currency).map_err(|error| Error(ApiError::internal(error)))?;
    let (amount, commitment) = commitments::on_whole(&item.terms, amount, &currency);
    Ok(charged(quantity, covered_quantity, amount, commitment))
}

/// Reads the recorded usage of one meter by the subscription's owner.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) log: &'a dyn UsageLog,
    pub(super) scope: &'a Scope,
    pub(super) subject: &'a Billable,
    pub(super) metered: &'a MeteredBy,
}

impl Reader<'_> {
    pub(super) async fn usage(&self, period: Period) -> Result<Usage> {
        self.ask(self.question(period)).await
    }

    pub(super) fn question(&self, period: Period) -> UsageQuestion {
        UsageQuestion {
            recording: meters::recording(&self.metered.row),
            bucket_anchor_day: Some(anchor_day(&self.subject.schedule())),
            ..UsageQuestion::new(Arc::clone(&self.metered.meter), Basis::Recorded, period)
        }
    }

    pub(super) async fn ask(&self, question: UsageQuestion) -> Result<Usage> {
        let query = UsageQuery::of_customer(question, &self.subject.owner.external_id);
        Ok(self.log.usage(self.scope, &query).await?.into_total())
    }

    /// The usage of a period, cut as the allowance resets.
    async fn under(&self, allowance: &Allowance, period: Period) -> Result<AllowanceUsage> {
        let subscription = &self.subject.subscription;
        let schedule = self.subject.schedule();
        let billed = (subscription.billing_period.0, subscription.billing_period_count);
        match AllowanceReset::of(allowance.reset, billed.0, billed.1) {
            AllowanceReset::BillingPeriod => Ok(AllowanceUsage::Total(self.usage(period).await?.value)),
            AllowanceReset::Never => self.since(subscription.start_date.0, period).await,
            AllowanceReset::Day => self.by_day(period, &schedule).await,
            AllowanceReset::Month => {
                let monthly = Schedule {
                    period: BillingPeriod::Monthly,
                    count: 1,
                    end: None,
                    ..schedule
                };
                // Whatever part of a month is asked for, its end names the whole of it.
                let month = |piece: Period| Ok(monthly.unclipped_next_boundary(piece.start)?);
                self.by_piece(monthly.split(period)?, month).await
            }
        }
    }

    async fn since(&self, start: Timestamp, period: Period) -> Result<AllowanceUsage> {
        let before = self.usage(Period::new(start, period.start)).await?.value;
        let kind = self.metered.meter.aggregation().kind();
        // What adds up need not be read from the start again.
        let through = if kind.adds_up() {
            &before + &self.usage(period).await?.value
        } else {
            self.usage(Period::new(start, period.end)).await?.value
        };
        Ok(AllowanceUsage::SinceStart { before, through })
    }

    /// Days as windows of one question; a day without events has no excess either.
    async fn by_day(&self, period: Period, schedule: &Schedule) -> Result<AllowanceUsage> {
        if self.metered.meter.aggregation().kind() == AggregationType::WeightedSum {
            // Its weights refer to the whole period of a question, so that each day is a question of its own.
            let day = |piece: Period| Ok(local_midnight_of(piece.start, &schedule.zone)?);
            return self.by_piece(day_windows(period, &schedule.zone)?, day).await;
        }
        let usage = self
            .ask(UsageQuestion {
                windows: Some(WindowGrid::new(WindowSize::Day, schedule.zone.clone(), None)),
                ..self.question(period)
            })
            .await?;
        let used = usage.windows.into_iter().map(|window| (window.start, window.value));
        Ok(AllowanceUsage::Windows(used.collect()))
    }

    async fn by_piece(
        &self,
        pieces: Vec<Period>,
        name: impl Fn(Period) -> Result<Timestamp> + Send,
    ) -> Result<AllowanceUsage> {
        let mut used = Vec::with_capacity(pieces.len());
        for piece in pieces {
            used.push((name(piece)?, self.usage(piece).await?.value));
        }
        Ok(AllowanceUsage::Windows(used))
    }
}

fn anchor_day(schedule: &Schedule) -> i8 {
    schedule.zone.to_datetime(schedule.anchor).day()
}
