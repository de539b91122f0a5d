//! `proration.json`: changes inside a period (spec 04 §8).

use serde::Deserialize;
use serde_json::{Value, json};
use tariff_core::calendar::{billing_anchor, zone};
use tariff_core::entitlement::prorated_limit;
use tariff_core::proration::{
    Billed, CancellationTiming, LineChange, LineProration, Netting, ProrationAction, ProrationStrategy, Settlement,
    adjust_opening_invoice, elapsed_ratio, first_period_proration, line_window, prorate_line, prorated_credits,
    second_based, settle,
};
use tariff_core::vocabulary::{BillingCycle, InvoiceCadence, PriceType, ProrationBehavior};
use tariff_core::{Decimal, Period, Pricing, Schedule, Timestamp};

use crate::pricing::given::{currency, price};
use crate::support::{Case, Failure, input, run_each, text, unknown};

pub fn run(cases: &[Case]) -> Vec<Failure> {
    run_each(cases, "operation", calculate)
}

fn calculate(operation: &str, given: &Value) -> Result<Value, String> {
    match operation {
        "proration_line" => proration_line(given),
        "cancellation" => cancellation(given),
        "quantity_change" => quantity_change(given),
        "line_changes" => line_changes(given),
        "first_invoice_fixed_charge" => first_invoice_fixed_charge(given),
        "fixed_line_window" => fixed_line_window(given),
        "entitlement_limit" => entitlement_limit(given),
        "credit_grant_first_application" => credit_grant_first_application(given),
        "opening_invoice_adjustment" => opening_invoice_adjustment(given),
        _ => unknown(operation),
    }
}

fn period(given: &Value, start: &str, end: &str) -> Result<Period, String> {
    Ok(Period::new(input(&given[start])?, input(&given[end])?))
}

fn current_period(given: &Value) -> Result<Period, String> {
    period(given, "current_period_start", "current_period_end")
}

/// Cost of `{amount, quantity}`, at a flat price unless it names a model; zero without it.
fn full_cost(given: &Value) -> Result<Decimal, String> {
    if given.is_null() {
        return Ok(Decimal::zero());
    }
    let pricing = if given["billing_model"].is_null() {
        Pricing::FlatFee {
            amount: input(&given["amount"])?,
        }
    } else {
        price(given)?.1
    };
    Ok(pricing.cost(&input(&given["quantity"])?))
}

fn billed(given: &Value) -> Result<Option<Billed>, String> {
    let billed: Option<Decimal> = input(&given["billed_amount"])?;
    let credited: Option<Decimal> = input(&given["credited_amount"])?;
    Ok(billed.map(|billed| Billed {
        billed,
        credited: credited.unwrap_or_default(),
    }))
}

fn proration_line(given: &Value) -> Result<Value, String> {
    let behavior: ProrationBehavior = input(&given["proration_behavior"])?;
    if behavior == ProrationBehavior::None {
        return Ok(json!({ "prorated": false }));
    }
    let strategy: ProrationStrategy = input(&given["proration_strategy"])?;
    let zone_name: String = input(&given["timezone"])?;
    let effective: Timestamp = input(&given["effective_date"])?;
    let coefficient = strategy
        .coefficient(current_period(given)?, effective, &zone(&zone_name))
        .map_err(text)?;
    let change = LineChange {
        action: input(&given["action"])?,
        invoice_cadence: input(&given["invoice_cadence"])?,
        old_cost: full_cost(&given["old"])?,
        new_cost: full_cost(&given["new"])?,
        billed: billed(given)?,
    };
    let line = prorate_line(&change, &coefficient, &currency(&given["currency"])?);
    Ok(json!({
        "prorated": true,
        "coefficient": coefficient,
        "credit_amount": line.credit,
        "charge_amount": line.charge,
        "net_amount": line.net,
    }))
}

fn cancellation(given: &Value) -> Result<Value, String> {
    let behavior: ProrationBehavior = input(&given["proration_behavior"])?;
    let timing = CancellationTiming {
        cancellation_type: input(&given["cancellation_type"])?,
        period: current_period(given)?,
        effective: input(&given["effective_date"])?,
    };
    let coefficient = match behavior {
        ProrationBehavior::CreateProrations => timing.coefficient().map_err(text)?,
        ProrationBehavior::None => Decimal::zero(),
    };
    let lines = given["lines"].as_array().ok_or("lines are missing")?;
    let currency = currency(&given["currency"])?;
    let mut prorations = Vec::new();
    for line in lines {
        let change = LineChange {
            action: ProrationAction::Cancellation,
            invoice_cadence: input(&line["invoice_cadence"])?,
            old_cost: full_cost(line)?,
            new_cost: Decimal::zero(),
            billed: billed(line)?,
        };
        prorations.push(prorate_line(&change, &coefficient, &currency));
    }
    let answers: Vec<Value> = lines
        .iter()
        .zip(&prorations)
        .map(|(line, proration)| json!({ "id": line["id"], "credit_amount": proration.credit }))
        .collect();
    let settlement = settle(&prorations, Netting::Separate);
    Ok(json!({ "lines": answers, "wallet_credit_total": settlement.wallet_credit }))
}

#[derive(Deserialize)]
struct QuantityLine {
    id: String,
    amount: Decimal,
    old_quantity: Decimal,
    quantity: Decimal,
    effective_date: Timestamp,
    invoice_cadence: InvoiceCadence,
}

fn quantity_change(given: &Value) -> Result<Value, String> {
    let period = current_period(given)?;
    let currency = currency(&given["currency"])?;
    let lines: Vec<QuantityLine> = input(&given["lines"])?;
    let mut answers = Vec::new();
    for line in lines {
        let pricing = Pricing::FlatFee { amount: line.amount };
        let change = LineChange {
            action: ProrationAction::QuantityChange,
            invoice_cadence: line.invoice_cadence,
            old_cost: pricing.cost(&line.old_quantity),
            new_cost: pricing.cost(&line.quantity),
            billed: None,
        };
        let coefficient = second_based(period, line.effective_date).map_err(text)?;
        let proration = prorate_line(&change, &coefficient, &currency);
        let settlement = settle([&proration], Netting::Net);
        let (kind, amount) = settled(&settlement);
        let reason = match (kind, line.invoice_cadence) {
            ("none", InvoiceCadence::Arrear) => Some("arrear lines are not prorated at change time"),
            ("none", InvoiceCadence::Advance) => Some("same quantity"),
            _ => None,
        };
        answers.push(json!({ "id": line.id, "settlement": kind, "amount": amount, "reason": reason }));
    }
    Ok(json!({ "lines": answers }))
}

fn settled(settlement: &Settlement) -> (&'static str, &Decimal) {
    if settlement.invoice_total.is_positive() {
        ("invoice", &settlement.invoice_total)
    } else if settlement.wallet_credit.is_positive() {
        ("wallet_credit", &settlement.wallet_credit)
    } else {
        ("none", &settlement.wallet_credit)
    }
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    action: ProrationAction,
    price_type: PriceType,
    amount: Decimal,
    quantity: Decimal,
    invoice_cadence: InvoiceCadence,
    billed_amount: Option<Decimal>,
    credited_amount: Option<Decimal>,
}

fn line_changes(given: &Value) -> Result<Value, String> {
    let currency = currency(&given["currency"])?;
    let netting = match given["netting"].as_str() {
        Some("separate") => Netting::Separate,
        Some("net") => Netting::Net,
        _ => return Err("unknown netting".to_owned()),
    };
    let behavior: ProrationBehavior = input(&given["proration_behavior"])?;
    let effective: Timestamp = input(&given["effective_date"])?;
    let coefficient = match behavior {
        ProrationBehavior::CreateProrations => second_based(current_period(given)?, effective).map_err(text)?,
        ProrationBehavior::None => Decimal::zero(),
    };
    let entries: Vec<Entry> = input(&given["entries"])?;
    // Usage lines are never prorated (spec 04 §4.9).
    let prorations: Vec<Option<LineProration>> = entries
        .iter()
        .map(|entry| {
            (entry.price_type == PriceType::Fixed).then(|| prorate_line(&entry.change(), &coefficient, &currency))
        })
        .collect();
    let lines: Vec<Value> = entries
        .iter()
        .zip(&prorations)
        .map(|(entry, proration)| {
            let amount = proration
                .as_ref()
                .map_or_else(Decimal::zero, |proration| proration.net.clone());
            json!({ "id": entry.id, "amount": amount })
        })
        .collect();
    let settlement = settle(prorations.iter().flatten(), netting);
    Ok(json!({
        "invoice_total": settlement.invoice_total,
        "wallet_credit": settlement.wallet_credit,
        "lines": lines,
    }))
}

impl Entry {
    fn change(&self) -> LineChange {
        let cost = Pricing::FlatFee {
            amount: self.amount.clone(),
        }
        .cost(&self.quantity);
        let (old_cost, new_cost) = match self.action {
            ProrationAction::AddItem => (Decimal::zero(), cost),
            _ => (cost, Decimal::zero()),
        };
        LineChange {
            action: self.action,
            invoice_cadence: self.invoice_cadence,
            old_cost,
            new_cost,
            billed: self.billed_amount.clone().map(|billed| Billed {
                billed,
                credited: self.credited_amount.clone().unwrap_or_default(),
            }),
        }
    }
}

fn first_invoice_fixed_charge(given: &Value) -> Result<Value, String> {
    let start: Timestamp = input(&given["start_date"])?;
    let cycle: BillingCycle = input(&given["billing_cycle"])?;
    let zone = zone(&input::<String>(&given["timezone"])?);
    let billing_period = input(&given["billing_period"])?;
    let schedule = Schedule {
        anchor: billing_anchor(cycle, billing_period, start, None, &zone).map_err(text)?,
        period: billing_period,
        count: input(&given["billing_period_count"])?,
        zone,
        end: input(&given["end_date"])?,
    };
    let behavior: ProrationBehavior = input(&given["proration_behavior"])?;
    let first = schedule
        .period_from(start)
        .map_err(text)?
        .ok_or("there is no first period")?;
    let proration = first_period_proration(&schedule, start, cycle, behavior, false).map_err(text)?;
    let coefficient = proration
        .as_ref()
        .map_or_else(Decimal::one, |proration| proration.coefficient.clone());
    let charge = &full_cost(given)? * &coefficient;
    Ok(json!({
        "current_period_start": first.start,
        "current_period_end": first.end,
        "nominal_period_start": proration.map(|proration| proration.nominal_start),
        "coefficient": coefficient,
        "charge_amount": currency(&given["currency"])?.round(&charge),
    }))
}

fn fixed_line_window(given: &Value) -> Result<Value, String> {
    let window: Period = input(&given["invoice_window"])?;
    let active = line_window(
        window,
        input(&given["line_start_date"])?,
        input(&given["line_end_date"])?,
    );
    let Some(active) = active else {
        return Ok(json!({ "billed": false }));
    };
    let amount = &full_cost(given)? * &active.ratio;
    Ok(json!({
        "billed": true,
        "ratio": active.ratio,
        "amount": currency(&given["currency"])?.round(&amount),
        "line_period": active.period,
    }))
}

fn entitlement_limit(given: &Value) -> Result<Value, String> {
    let period = period(given, "period_start", "period_end")?;
    let coefficient = elapsed_ratio(period, input(&given["effective_date"])?).map_err(text)?;
    let limit = prorated_limit(input(&given["usage_limit"])?, &coefficient).map_err(text)?;
    Ok(json!({ "coefficient": coefficient, "usage_limit": limit }))
}

fn credit_grant_first_application(given: &Value) -> Result<Value, String> {
    let coefficient = elapsed_ratio(current_period(given)?, input(&given["effective_date"])?).map_err(text)?;
    let credits = prorated_credits(&input(&given["credits"])?, &coefficient);
    Ok(json!({ "coefficient": coefficient, "credits": credits }))
}

fn opening_invoice_adjustment(given: &Value) -> Result<Value, String> {
    let lines = given["fixed_lines"].as_array().ok_or("fixed_lines are missing")?;
    let amounts: Result<Vec<Decimal>, String> = lines.iter().map(|line| input(&line["amount"])).collect();
    let adjustment = adjust_opening_invoice(&input(&given["credit"])?, &amounts?);
    let adjusted: Vec<Value> = lines
        .iter()
        .zip(&adjustment.amounts)
        .map(|(line, amount)| json!({ "id": line["id"], "amount": amount }))
        .collect();
    Ok(json!({
        "fixed_lines": adjusted,
        "applied": adjustment.applied,
        "unapplied": adjustment.unapplied,
    }))
}
