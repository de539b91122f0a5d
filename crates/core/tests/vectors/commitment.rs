//! `commitment.json`: line, windowed, subscription and cumulative commitments (spec 04 §8).

use serde::Deserialize;
use serde_json::{Value, json};
use tariff_core::commitment::{
    CommitmentTerms, CumulativeCommitment, SubscriptionCommitment, TimeBucket, UsageCharge, UsageWindow, WindowTerms,
    WindowedCommitment, window_grid,
};
use tariff_core::vocabulary::{CommitmentType, WindowSize};
use tariff_core::{Decimal, ErrorKind, Period, Pricing, Timestamp};

use crate::pricing::given::{self, currency};
use crate::pricing::line_commitment::{GivenTimeBucket, GivenWindow, commitment};
use crate::support::{Case, Failure, input, run_each, text, unknown};

pub fn run(cases: &[Case]) -> Vec<Failure> {
    run_each(cases, "operation", calculate)
}

fn calculate(operation: &str, given: &Value) -> Result<Value, String> {
    match operation {
        "line_commitment" => line_commitment(given),
        "windowed_commitment" => windowed_commitment(given),
        "window_grid" => grid(given),
        "subscription_commitment" => subscription_commitment(given),
        "cumulative_commitment" => cumulative_commitment(given),
        "commitment_config" => commitment_config(given),
        _ => unknown(operation),
    }
}

fn line_commitment(given: &Value) -> Result<Value, String> {
    let currency = currency(&given["currency"])?;
    let usage: Decimal = input(&given["usage_amount"])?;
    let pricing = match &given["price"] {
        Value::Null => Pricing::FlatFee {
            amount: Decimal::zero(),
        },
        price => given::price(price)?.1,
    };
    let commitment = commitment(given, &pricing)?.ok_or("the commitment is missing")?;
    let charge = commitment.charge(&usage);
    Ok(json!({
        "commitment_as_amount": commitment.amount,
        "utilized_amount": charge.utilized,
        "overage_amount": charge.overage,
        "true_up_amount": charge.true_up,
        "line_amount": currency.round(&charge.charge()),
    }))
}

fn windowed_commitment(given: &Value) -> Result<Value, String> {
    let currency = currency(&given["currency"])?;
    let pricing = given::price(&given["price"])?.1;
    let windows: Vec<GivenWindow> = input(&given["windows"])?;
    let given_buckets: Option<Vec<GivenTimeBucket>> = input(&given["commitment_time_buckets"])?;
    let buckets: Result<Vec<TimeBucket>, String> = given_buckets
        .unwrap_or_default()
        .iter()
        .map(GivenTimeBucket::bucket)
        .collect();
    let terms = WindowedCommitment {
        line: WindowTerms {
            commitment: commitment(given, &pricing)?,
            pricing,
        },
        time_buckets: buckets?,
    };
    let usage: Vec<UsageWindow> = windows.iter().map(GivenWindow::window).collect();
    let charged = terms.charge(&usage, &given_grid(given)?);
    let windows: Vec<Value> = charged
        .windows
        .iter()
        .map(|window| {
            json!({
                "start": window.start,
                "charge": window.charge.charge(),
                "utilized": window.charge.utilized,
                "overage": window.charge.overage,
                "true_up": window.charge.true_up,
            })
        })
        .collect();
    Ok(json!({
        "window_count": charged.windows.len(),
        "utilized_amount": charged.total.utilized,
        "overage_amount": charged.total.overage,
        "true_up_amount": charged.total.true_up,
        "line_amount": currency.round(&charged.total.charge()),
        "windows": windows,
    }))
}

fn given_grid(given: &Value) -> Result<Vec<Timestamp>, String> {
    let size: WindowSize = input(&given["bucket_size"])?;
    let period = Period::new(input(&given["period_start"])?, input(&given["period_end"])?);
    let now: Option<Timestamp> = input(&given["now"])?;
    window_grid(
        size,
        period,
        now.unwrap_or(period.end),
        input(&given["billing_anchor"])?,
    )
    .map_err(text)
}

fn grid(given: &Value) -> Result<Value, String> {
    Ok(json!({ "window_starts": given_grid(given)? }))
}

#[derive(Deserialize)]
struct GivenCharge {
    id: String,
    quantity: Decimal,
    unit_amount: Option<Decimal>,
    amount: Decimal,
}

fn subscription_commitment(given: &Value) -> Result<Value, String> {
    let currency = currency(&given["currency"])?;
    let commitment = SubscriptionCommitment {
        amount: input(&given["commitment_amount"])?,
        overage_factor: input(&given["overage_factor"])?,
        true_up: input(&given["enable_true_up"])?,
    };
    let given_charges: Vec<GivenCharge> = input(&given["charges"])?;
    let charges: Vec<UsageCharge> = given_charges
        .iter()
        .map(|charge| UsageCharge {
            quantity: charge.quantity.clone(),
            unit_amount: charge.unit_amount.clone(),
            amount: charge.amount.clone(),
        })
        .collect();
    let split = commitment.split(&charges, &currency);
    let parts: Vec<Value> = split
        .charges
        .iter()
        .map(|part| {
            json!({
                "id": given_charges[part.index].id,
                "quantity": part.quantity,
                "amount": part.amount,
                "is_overage": part.is_overage,
            })
        })
        .collect();
    Ok(json!({
        "applies": split.applies,
        "charges": parts,
        "commitment_utilized": split.utilized,
        "overage_amount": split.overage,
        "has_overage": split.has_overage(),
        "true_up_amount": split.true_up,
        "usage_total": split.usage_total(),
    }))
}

#[derive(Deserialize)]
struct BaseCharge {
    id: String,
    base_amount: Decimal,
}

fn cumulative_commitment(given: &Value) -> Result<Value, String> {
    let commitment = CumulativeCommitment {
        amount: input(&given["commitment_amount"])?,
        overage_factor: input(&given["overage_factor"])?,
        true_up: input(&given["enable_true_up"])?,
        prior_base: input(&given["prior_base_amount"])?,
        is_last_period: input(&given["is_last_period_of_commitment"])?,
    };
    let current: Vec<BaseCharge> = input(&given["current_charges"])?;
    let bases: Vec<Decimal> = current.iter().map(|charge| charge.base_amount.clone()).collect();
    let charges = commitment.charge(&bases, &currency(&given["currency"])?);
    let lines: Vec<Value> = current
        .iter()
        .zip(&charges.within_lines)
        .map(|(charge, amount)| json!({ "id": charge.id, "amount": amount }))
        .collect();
    Ok(json!({
        "within_lines": lines,
        "overage_line_amount": charges.overage_line,
        "true_up_amount": charges.true_up,
        "commitment_remaining_before": charges.remaining_before,
        "usage_total": charges.usage_total(),
    }))
}

fn commitment_config(given: &Value) -> Result<Value, String> {
    let config = &given["config"];
    let commitment_type: Option<CommitmentType> = input(&config["commitment_type"])?;
    let terms = CommitmentTerms::from_fields(
        commitment_type,
        input(&config["commitment_amount"])?,
        input(&config["commitment_quantity"])?,
        input(&config["commitment_overage_factor"])?,
        false,
    );
    Ok(match terms {
        Ok(_) => json!({ "accepted": true }),
        Err(error) => json!({
            "accepted": false,
            "error": error.kind().code(),
            "http_status": http_status(error.kind()),
        }),
    })
}

/// The status the engine's error bodies carry for each kind.
pub fn http_status(kind: ErrorKind) -> u16 {
    match kind {
        ErrorKind::Validation | ErrorKind::InvalidOperation => 400,
        ErrorKind::AlreadyExists => 409,
    }
}
