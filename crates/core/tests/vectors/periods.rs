//! `periods.json`: the billing calendar (spec 04 §8).

use serde::Deserialize;
use serde_json::{Value, json};
use tariff_core::calendar::{billing_anchor, line_periods_for_invoice, trial_window, zone};
use tariff_core::vocabulary::{BillingCycle, BillingPeriod, InvoiceCadence};
use tariff_core::{Period, Schedule, Timestamp};

use crate::support::{Case, Failure, input, run_each, text, unknown};

pub fn run(cases: &[Case]) -> Vec<Failure> {
    run_each(cases, "operation", calculate)
}

fn calculate(operation: &str, given: &Value) -> Result<Value, String> {
    match operation {
        "subscription_periods" => subscription_periods(given),
        "nth_period" => nth_period(given),
        "next_boundary" => next_boundary(given),
        "previous_boundary" => previous_boundary(given),
        "trial" => trial(given),
        "roll_over" => roll_over(given),
        "line_period_for_invoice" => line_period_for_invoice(given),
        _ => unknown(operation),
    }
}

#[derive(Deserialize)]
struct Given {
    start_date: Option<Timestamp>,
    billing_cycle: Option<BillingCycle>,
    billing_period: BillingPeriod,
    billing_period_count: i64,
    timezone: String,
    billing_anchor: Option<Timestamp>,
    end_date: Option<Timestamp>,
    take: Option<usize>,
    period_index: Option<usize>,
    current_period_start: Option<Timestamp>,
    now: Option<Timestamp>,
    trial_period_days: Option<i64>,
}

impl Given {
    fn start(&self) -> Result<Timestamp, String> {
        self.start_date.ok_or_else(|| "start_date is missing".to_owned())
    }

    fn schedule(&self) -> Result<Schedule, String> {
        let zone = zone(&self.timezone);
        let anchor = match (self.billing_cycle, self.billing_anchor) {
            (None, Some(anchor)) => anchor,
            (None, None) => return Err("billing_anchor is missing".to_owned()),
            (Some(cycle), explicit) => {
                billing_anchor(cycle, self.billing_period, self.start()?, explicit, &zone).map_err(text)?
            }
        };
        Ok(Schedule {
            anchor,
            period: self.billing_period,
            count: self.billing_period_count,
            zone,
            end: self.end_date,
        })
    }
}

fn subscription_periods(given: &Value) -> Result<Value, String> {
    let given: Given = input(given)?;
    let schedule = given.schedule()?;
    let take = given.take.ok_or("take is missing")?;
    let periods: Result<Vec<Period>, _> = schedule.periods(given.start()?).take(take).collect();
    Ok(json!({ "billing_anchor": schedule.anchor, "periods": periods.map_err(text)? }))
}

fn nth_period(given: &Value) -> Result<Value, String> {
    let given: Given = input(given)?;
    let index = given.period_index.ok_or("period_index is missing")?;
    let period = given.schedule()?.nth_period(given.start()?, index).map_err(text)?;
    Ok(json!(period))
}

fn next_boundary(given: &Value) -> Result<Value, String> {
    let given: Given = input(given)?;
    let start = given.current_period_start.ok_or("current_period_start is missing")?;
    Ok(match given.schedule()?.next_boundary(start) {
        Ok(next) => json!({ "next": next }),
        Err(error) => json!({ "error": error.kind().code() }),
    })
}

fn previous_boundary(given: &Value) -> Result<Value, String> {
    let given: Given = input(given)?;
    let schedule = given.schedule()?;
    let previous = schedule.previous_boundary(schedule.anchor).map_err(text)?;
    Ok(json!({ "previous": previous }))
}

fn trial(given: &Value) -> Result<Value, String> {
    let given: Given = input(given)?;
    let days = given.trial_period_days.ok_or("trial_period_days is missing")?;
    let window = trial_window(given.start()?, days).map_err(text)?;
    let after_trial = Schedule {
        anchor: window.end,
        ..given.schedule()?
    };
    Ok(json!({
        "trial_start": window.start,
        "trial_end": window.end,
        "trial_period": window,
        "billing_anchor_after_trial": after_trial.anchor,
        "first_paid_period": after_trial.period_from(window.end).map_err(text)?,
    }))
}

fn roll_over(given: &Value) -> Result<Value, String> {
    let given: Given = input(given)?;
    let start = given.current_period_start.ok_or("current_period_start is missing")?;
    let now = given.now.ok_or("now is missing")?;
    let roll_over = given.schedule()?.roll_over(start, now).map_err(text)?;
    Ok(json!({ "closed_periods": roll_over.closed, "current_period": roll_over.current }))
}

#[derive(Deserialize)]
struct LinePeriod {
    line_start_date: Timestamp,
    line_end_date: Option<Timestamp>,
    line_billing_period: BillingPeriod,
    line_billing_period_count: i64,
    invoice_cadence: InvoiceCadence,
    invoice_window: Period,
    timezone: String,
}

fn line_period_for_invoice(given: &Value) -> Result<Value, String> {
    let given: LinePeriod = input(given)?;
    let line = Schedule {
        anchor: given.line_start_date,
        period: given.line_billing_period,
        count: given.line_billing_period_count,
        zone: zone(&given.timezone),
        end: given.line_end_date,
    };
    let billed = line_periods_for_invoice(
        &line,
        given.line_start_date,
        given.invoice_cadence,
        given.invoice_window,
    )
    .map_err(text)?;
    Ok(json!({ "billed": !billed.is_empty(), "line_period": billed.first() }))
}
